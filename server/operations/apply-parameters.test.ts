import fc from 'fast-check'
import { Refusal } from '../core/fhir/outcome.ts'
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
  expect(parseApplyParameters(given)).toMatchObject({
    subjects: ['Patient/1'],
    practitioner: 'Practitioner/2',
    data: [],
  })
})

test('data is a Bundle, and what is in it can be looked at', () => {
  const resource = { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Observation', id: 'o' } }] }
  const parsed = parseApplyParameters(body({ name: 'subject', valueString: 'Patient/1' }, { name: 'data', resource }))
  expect(parsed.data).toEqual([{ resourceType: 'Observation', id: 'o' }])
})

test.each([
  ['no subject', query(''), 'required', 'subject'],
  ['no subject in the body', body(), 'required', 'subject'],
  ['an endpoint', query('subject=Patient/1&dataEndpoint=http://e.org'), 'not-supported', 'dataEndpoint'],
  [
    'what was fetched, without data',
    body({ name: 'subject', valueString: 'Patient/1' }, { name: 'prefetchData', part: [{ name: 'key' }] }),
    'required',
    'prefetchData.data',
  ],
  [
    'parameters of another type',
    body({ name: 'subject', valueString: 'Patient/1' }, { name: 'parameters', resource: { resourceType: 'Patient' } }),
    'value',
    'parameters',
  ],
  [
    'a parameter without a value',
    body(
      { name: 'subject', valueString: 'Patient/1' },
      { name: 'parameters', resource: { resourceType: 'Parameters', parameter: [{ name: 'dose' }] } },
    ),
    'value',
    'parameters.parameter[0]',
  ],
  ['merged, perhaps', query('subject=Patient/1&mergeNestedCarePlans=perhaps'), 'value', 'mergeNestedCarePlans'],
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
  [
    'two settings',
    body(
      { name: 'subject', valueString: 'Patient/1' },
      ...['a', 'b'].map((text) => ({ name: 'setting', valueCodeableConcept: { text } })),
    ),
    'not-supported',
    'setting',
  ],
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

test('several subjects, each once', () => {
  const { subjects } = parseApplyParameters(query('subject=Patient/1&subject=Patient/2&subject=Patient/1'))
  expect(subjects).toEqual(['Patient/1', 'Patient/2'])
})

test('what was fetched beforehand is looked at like data', () => {
  const bundle = (id: string) => ({
    resourceType: 'Bundle',
    entry: [{ resource: { resourceType: 'Observation', id } }],
  })
  const parsed = parseApplyParameters(
    body(
      { name: 'subject', valueString: 'Patient/1' },
      { name: 'data', resource: bundle('a') },
      {
        name: 'prefetchData',
        part: [
          { name: 'key', valueString: 'k' },
          { name: 'data', resource: bundle('b') },
        ],
      },
      { name: 'prefetchData', part: [{ name: 'data', resource: bundle('c') }] },
    ),
  )
  expect(parsed.data.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
})

test('values for expressions: one, a list by a repeated name, parts as an object', () => {
  const parameter = [
    { name: 'dose', valueDecimal: 5 },
    { name: 'day', valueCode: 'mon' },
    { name: 'day', valueCode: 'tue' },
    {
      name: 'limits',
      part: [
        { name: 'low', valueInteger: 1 },
        { name: 'high', valueInteger: 2 },
      ],
    },
  ]
  const { values } = parseApplyParameters(
    body(
      { name: 'subject', valueString: 'Patient/1' },
      { name: 'parameters', resource: { resourceType: 'Parameters', parameter } },
    ),
  )
  expect(values).toEqual({ dose: [5], day: ['mon', 'tue'], limits: [{ low: 1, high: 2 }] })
})

test('whatever is sent is understood or refused', () => {
  const name = fc.constantFrom(
    ...['subject', 'data', 'planDefinition', 'setting', 'url', 'version', 'useServerData', 'x'],
    ...['parameters', 'prefetchData', 'mergeNestedCarePlans'],
  )
  const value = fc.oneof(fc.jsonValue(), fc.record({ resourceType: fc.constant('Bundle'), entry: fc.jsonValue() }))
  const keys = fc.constantFrom(
    'valueString',
    'valueReference',
    'valueCodeableConcept',
    'valueBoolean',
    'resource',
    'part',
  )
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
