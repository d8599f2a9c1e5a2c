import { refuse } from '../core/fhir/outcome.ts'

/** https://hl7.org/fhir/R4/search_filter.html#ops */
export const OPERATORS = [
  ...['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr', 'po', 'ss', 'sb', 'in', 'ni', 're'],
] as const
export type Operator = (typeof OPERATORS)[number]

/** The value of `_filter` as it was read: nothing in it is known to mean anything yet. */
export type Expression =
  | { kind: 'comparison'; path: string[]; operator: Operator; value: string }
  | { kind: 'and' | 'or'; parts: Expression[] }
  | { kind: 'not'; part: Expression }

/** So that neither our stack nor PostgreSQL's planner is at the mercy of a query string. */
const DEPTH_MAX = 20
const COMPARISON_COUNT_MAX = 100

/**
 * Reads R4's filter language: `name co "peter" and not (active eq false)`. Between `and` and `or` none comes first: they are
 * taken from left to right, as R4 says.
 * @throws Refusal value, which tells what was expected where
 * @see https://hl7.org/fhir/R4/search_filter.html
 */
export function parseExpression(text: string): Expression {
  const reader: Reader = { words: toWords(text), at: 0, depth: 0, comparisonCount: 0 }
  const expression = readAll(reader)
  const left = reader.words[reader.at]
  if (left) throw expected('"and", "or" or the end', left)
  return expression
}

/** A piece of the text; `quoted` tells "and" from and. */
type Word = { text: string; quoted: boolean; start: number }
type Reader = { words: Word[]; at: number; depth: number; comparisonCount: number }

const WORD = /\s*(?:("(?:[^"\\]|\\.)*")|([()])|([^\s()"]+))/y

function toWords(text: string): Word[] {
  const words: Word[] = []
  const end = text.trimEnd().length
  WORD.lastIndex = 0
  while (WORD.lastIndex < end) {
    const start = WORD.lastIndex
    const [, quoted, bracket, plain] = WORD.exec(text) ?? []
    if (quoted !== undefined) words.push({ text: unquote(quoted), quoted: true, start })
    else if (bracket !== undefined || plain !== undefined)
      words.push({ text: bracket ?? plain ?? '', quoted: false, start })
    else throw refuse('value', `_filter: a quote is not closed after character ${start}.`, '_filter')
  }
  return words
}

const unquote = (text: string): string => text.slice(1, -1).replace(/\\(.)/gs, '$1')

/** part ( 'and' part | 'or' part )* */
function readAll(reader: Reader): Expression {
  let expression = readPart(reader)
  for (;;) {
    const joint = takeKeyword(reader, 'and') ? 'and' : takeKeyword(reader, 'or') ? 'or' : undefined
    if (!joint) return expression
    const next = readPart(reader)
    const parts = expression.kind === joint ? [...expression.parts, next] : [expression, next]
    expression = { kind: joint, parts }
  }
}

/** part := 'not'? '(' all ')' | path operator value */
function readPart(reader: Reader): Expression {
  const isNegated = isKeyword(reader.words[reader.at + 1], '(') && takeKeyword(reader, 'not')
  if (!takeKeyword(reader, '(')) return readComparison(reader)
  if (++reader.depth > DEPTH_MAX)
    throw refuse('value', `_filter has more than ${DEPTH_MAX} brackets in each other.`, '_filter')
  const inner = readAll(reader)
  if (!takeKeyword(reader, ')')) throw expected('")"', reader.words[reader.at])
  reader.depth--
  return isNegated ? { kind: 'not', part: inner } : inner
}

function readComparison(reader: Reader): Expression {
  const path = take(reader, 'the name of a search parameter')
  if (path.quoted || !/^[\w-]+(:[A-Za-z]+)?(\.[\w-]+(:[A-Za-z]+)?)*$/.test(path.text)) {
    throw expected('the name of a search parameter', path)
  }
  const word = take(reader, 'an operator')
  const operator = OPERATORS.find((one) => one === word.text)
  if (!operator || word.quoted) throw expected(`an operator (${OPERATORS.join(', ')})`, word)
  const value = take(reader, 'a value')
  if (!value.quoted && (value.text === '(' || value.text === ')')) throw expected('a value', value)
  if (++reader.comparisonCount > COMPARISON_COUNT_MAX) {
    throw refuse('value', `_filter has more than ${COMPARISON_COUNT_MAX} comparisons.`, '_filter')
  }
  return { kind: 'comparison', path: path.text.split('.'), operator, value: value.text }
}

const isKeyword = (word: Word | undefined, text: string): boolean => word?.text === text && !word.quoted

function takeKeyword(reader: Reader, text: string): boolean {
  if (!isKeyword(reader.words[reader.at], text)) return false
  reader.at++
  return true
}

function take(reader: Reader, what: string): Word {
  const word = reader.words[reader.at]
  if (!word) throw expected(what, undefined)
  reader.at++
  return word
}

const expected = (what: string, found: Word | undefined) =>
  refuse(
    'value',
    found
      ? `_filter: expected ${what} at character ${found.start}, found ${JSON.stringify(found.text)}.`
      : `_filter: expected ${what} at the end.`,
    '_filter',
  )
