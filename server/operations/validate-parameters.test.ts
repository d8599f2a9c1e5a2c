import { Refusal } from '../core/fhir/outcome.ts'
import { parseValidateParameters } from './validate-parameters.ts'

const PATIENT = { resourceType: 'Patient' }
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter })

const parse = (query: string, body?: unknown, type = 'Patient') =>
  parseValidateParameters({ type, query: new URLSearchParams(query), body })

test.each<[string, string, unknown, object]>([
  ['a resource alone', '', PATIENT, { resource: PATIENT, mode: undefined, profiles: [] }],
  [
    'the rest in the URL',
    'mode=create&profile=a&profile=b',
    PATIENT,
    { resource: PATIENT, mode: 'create', profiles: ['a', 'b'] },
  ],
  [
    'all in Parameters',
    '',
    parameters(
      { name: 'resource', resource: PATIENT },
      { name: 'mode', valueCode: 'update' },
      { name: 'profile', valueUri: 'a' },
      { name: 'profile', valueCanonical: 'b' },
    ),
    { resource: PATIENT, mode: 'update', profiles: ['a', 'b'] },
  ],
  ['nothing', 'mode=delete', undefined, { resource: undefined, mode: 'delete', profiles: [] }],
  [
    'Parameters without a resource',
    '',
    parameters({ name: 'mode', valueCode: 'delete' }),
    { resource: undefined, mode: 'delete', profiles: [] },
  ],
])('%s', (_, query, body, expected) => expect(parse(query, body)).toEqual(expected))

test('Parameters that are themselves what is validated', () => {
  const body = parameters({ name: 'one', valueString: 'x' })
  expect(parse('', body, 'Parameters').resource).toBe(body)
  expect(parse('', parameters({ name: 'resource', resource: body }), 'Parameters').resource).toBe(body)
})

test('a mode that R4 does not have is refused', () => {
  expect(() => parse('mode=guess', PATIENT)).toThrow(Refusal)
})
