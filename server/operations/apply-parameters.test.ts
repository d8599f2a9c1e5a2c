import type { Refusal } from '../fhir/outcome.ts'
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
])('%s is refused', (_name, given, code, expression) => {
  try {
    parseApplyParameters(given)
  } catch (error) {
    expect((error as Refusal).issues).toMatchObject([{ code, expression: [expression] }])
    return
  }
  throw new Error('It was not refused.')
})
