import type { Resource } from '../fhir/resource.ts'
import { evaluateHere, isFhirPath, isKnownLanguage, type Question } from './evaluator.ts'

const question = (language: string, expression: string): Question => ({
  ...{ language, expression, variables: {}, now: new Date('2026-03-05T12:00:00Z') },
  focus: { resourceType: 'Patient', id: 'p', gender: 'female' } as Resource,
})

test.each([
  ['text/fhirpath', "gender = 'female'", [true]],
  ['text/fhirpath', 'now()', ['2026-03-05T12:00:00.000Z']],
  ['text/cql', "'draft'", ['draft']],
  ['text/cql-expression', ' 3.5 ', [3.5]],
  ['text/cql', 'false', [false]],
])('%s %s is answered here', (language, expression, answer) => {
  expect(evaluateHere(question(language, expression))).toEqual(answer)
})

test.each(['text/cql', 'text/cql-identifier', 'text/cql.identifier', 'text/cql-expression', 'text/cql.expression'])(
  '%s is known, and is not answered here when it is more than a literal',
  (language) => {
    expect(isKnownLanguage(language)).toBe(true)
    expect(isFhirPath(question(language, 'Is Sick'))).toBe(false)
    expect(() => evaluateHere(question(language, 'Is Sick'))).toThrow(
      expect.objectContaining({ code: 'not-supported' }),
    )
  },
)

test.each([undefined, 'text/javascript', 'application/x-fhir-query', 'TEXT/CQL'])('%s is not known', (language) => {
  expect(isKnownLanguage(language)).toBe(false)
})
