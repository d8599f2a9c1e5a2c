import fc from 'fast-check'
import { Refusal } from '../fhir/outcome.ts'
import { parseApplyParameters } from './apply-parameters.ts'

const query = (text: string) => ({ query: new URLSearchParams(text), body: undefined })
const body = (...parameter: object[]) => ({
  query: new URLSearchParams(),
  body: { resourceType: 'Parameters', parameter },
})

test.each([
  ['the query', query('subject=Patient/1&practitioner=Practitioner/2')],
  [
    'Parameters',
    body({ name: 'subject', valueString: 'Patient/1' }, { name: 'practitioner', valueString: 'Practitioner/2' }),
  ],
  [
    'references',
    body(
      { name: 'subject', valueReference: { reference: 'Patient/1' } },
      { name: 'practitioner', valueString: 'Practitioner/2' },
    ),
  ],
])('subject and practitioner from %s', (_name, given) => {
  expect(parseApplyParameters(given)).toMatchObject({ subject: 'Patient/1', practitioner: 'Practitioner/2', data: [] })
})

test('data is a Bundle, and what is in it can be looked at', () => {
  const resource = { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Observation', id: 'o' } }] }
  const parsed = parseApplyParameters(body({ name: 'subject', valueString: 'Patient/1' }, { name: 'data', resource }))
  expect(parsed.data).toEqual([{ resourceType: 'Observation', id: 'o' }])
})

test.each([
  ['no subject', query(''), 'required', 'subject'],
  ['no subject in the body', body(), 'required', 'subject'],
  ['two subjects', query('subject=Patient/1&subject=Patient/2'), 'not-supported', 'subject'],
  ['an unknown parameter', query('subject=Patient/1&nothing=1'), 'not-supported', 'nothing'],
  ['a value of no use', body({ name: 'subject', valueBoolean: true }), 'value', 'subject'],
  ['another resource', { query: new URLSearchParams(), body: { resourceType: 'Patient' } }, 'invalid', 'Parameters'],
  [
    'another plan',
    body(
      { name: 'subject', valueString: 'Patient/1' },
      { name: 'planDefinition', resource: { resourceType: 'Patient' } },
    ),
    'value',
    'planDefinition',
  ],
  [
    'another activity',
    body({ name: 'subject', valueString: 'Patient/1' }, { name: 'activityDefinition', resource: {} }),
    'not-supported',
    'activityDefinition',
  ],
  ['a version of nothing', query('subject=Patient/1&version=1'), 'required', 'url'],
  ['two versions', query('subject=Patient/1&url=http://e.org/p|2&version=1'), 'value', 'version'],
  ['what is neither true nor false', query('subject=Patient/1&useServerData=maybe'), 'value', 'useServerData'],
  ['a concept in a query', query('subject=Patient/1&setting=home'), 'value', 'setting'],
  [
    'data of no resources',
    body(
      { name: 'subject', valueString: 'Patient/1' },
      { name: 'data', resource: { resourceType: 'Bundle', entry: [{ resource: 1 }] } },
    ),
    'value',
    'data.entry[0].resource',
  ],
])('%s is refused', (_name, given, code, expression) => {
  try {
    parseApplyParameters(given)
  } catch (error) {
    expect((error as Refusal).issues).toMatchObject([{ code, expression: [expression] }])
    return
  }
  throw new Error('It was not refused.')
})

test.each([
  ['url=http://e.org/p&version=2', 'http://e.org/p|2'],
  ['url=http://e.org/p|2&version=2', 'http://e.org/p|2'],
  ['url=http://e.org/p', 'http://e.org/p'],
])('%s is the canonical %s', (text, canonical) => {
  expect(parseApplyParameters(query(`subject=Patient/1&${text}`)).canonical).toBe(canonical)
})

test('whatever is sent is understood or refused', () => {
  const name = fc.constantFrom('subject', 'data', 'planDefinition', 'setting', 'url', 'version', 'useServerData', 'x')
  const value = fc.oneof(fc.jsonValue(), fc.record({ resourceType: fc.constant('Bundle'), entry: fc.jsonValue() }))
  const keys = fc.constantFrom('valueString', 'valueReference', 'valueCodeableConcept', 'valueBoolean', 'resource')
  const one = fc.oneof(
    fc.jsonValue(),
    fc.tuple(name, keys, value).map(([given, key, it]) => ({ name: given, [key]: it })),
  )
  const subject = { name: 'subject', valueString: 'Patient/1' }
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.array(one)), (parameter) => {
      const sent = Array.isArray(parameter) ? [subject, ...parameter] : parameter
      try {
        parseApplyParameters({ query: new URLSearchParams(), body: { resourceType: 'Parameters', parameter: sent } })
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
      }
    }),
  )
})
