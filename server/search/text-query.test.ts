import fc from 'fast-check'
import { Refusal } from '../core/fhir/outcome.ts'
import { parseTextQuery, type TextQuery } from './text-query.ts'

const word = (text: string): TextQuery => ({ kind: 'word', text })
const and = (...parts: TextQuery[]): TextQuery => ({ kind: 'and', parts })
const or = (...parts: TextQuery[]): TextQuery => ({ kind: 'or', parts })
const not = (part: TextQuery): TextQuery => ({ kind: 'not', part })

test.each<[string, TextQuery]>([
  ['heart', word('heart')],
  ['heart failure', and(word('heart'), word('failure'))],
  ['heart AND failure', and(word('heart'), word('failure'))],
  ['(bone OR liver) AND metastases', and(or(word('bone'), word('liver')), word('metastases'))],
  ['bone OR liver metastases', or(word('bone'), and(word('liver'), word('metastases')))],
  ['heart NOT failure', and(word('heart'), not(word('failure')))],
  ['NOT (a OR b)', not(or(word('a'), word('b')))],
  ['"chronic bronchitis"', { kind: 'phrase', text: 'chronic bronchitis' }],
  ['and or not', and(word('and'), word('or'), word('not'))],
  ['NOT', word('NOT')],
  ['a) b', and(word('a'), word('b'))],
  ['"open quote', and(word('open'), word('quote'))],
])('%s is read', (text, query) => expect(parseTextQuery('_text', text)).toEqual(query))

test('whatever is sent is read or refused', () => {
  const pieces = fc.array(fc.constantFrom('(', ')', 'AND', 'OR', 'NOT', '"', 'a', '"b c"'), { maxLength: 70 })
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        pieces.map((words) => words.join(' ')),
      ),
      (text) => {
        try {
          parseTextQuery('_text', text)
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal)
        }
      },
    ),
    { numRuns: 1000 },
  )
})
