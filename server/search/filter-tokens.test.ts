import { FNR } from '../national-numbers/systems.ts'
import { referenceTokensOf, tokenTokensOf } from './filter-tokens.ts'
import type { Parameter } from './parameters.ts'
import { parseReferenceIdentifier, parseToken } from './parse-value.ts'

const OTHER = 'http://hl7.no/fhir/NamingSystem/FNR'
const parameterOf = (path: string, type: string) =>
  ({ keys: [{ key: { path, leaves: [{ type, targets: [] }] } }], targets: [] }) as unknown as Parameter
const identifier = (text: string) =>
  tokenTokensOf({
    kind: 'token',
    parameter: parameterOf('Patient.identifier', 'Identifier'),
    values: [parseToken(text)],
  } as never)

test.each([FNR, OTHER])('a fødselsnummer by %s is looked for under each name of its system', (system) => {
  const expected = [FNR, OTHER].map((one) => `Patient.identifier@${one}|13116900216`)
  expect(identifier(`${system}|13116900216`).sort()).toEqual(expected.sort())
  expect(identifier(`${system}|`).sort()).toEqual([`Patient.identifier^${FNR}`, `Patient.identifier^${OTHER}`].sort())
})

test('and in a reference that names somebody by it alone', () => {
  const values = [parseReferenceIdentifier(`${OTHER}|13116900216`)]
  const parameter = parameterOf('Observation.subject', 'Reference')
  const [first, second, ...more] = referenceTokensOf({ kind: 'reference', parameter, values } as never)
  expect([first, second, more]).toEqual([
    `Observation.subject~~${OTHER}|13116900216`,
    `Observation.subject~~${FNR}|13116900216`,
    [],
  ])
})

test.each(['http://example.org/mrn', 'urn:oid:2.16.578.1.12.4.1.4.101'])('%s has one name', (system) => {
  expect(identifier(`${system}|7`)).toEqual([`Patient.identifier@${system}|7`])
})

test('without a system there is nothing to name otherwise', () => {
  expect(identifier('13116900216')).toEqual(['Patient.identifier=13116900216'])
})
