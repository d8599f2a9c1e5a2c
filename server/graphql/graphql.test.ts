import { describe, expect, test } from '@jest/globals'
import { validateSchema } from 'graphql'
import { parseJson, stringifyJson } from '../core/fhir/json.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { executeQuery, readRequest } from './execute.ts'
import type { Reading } from './reading.ts'
import { schemaOf } from './schema.ts'

const definitions = loadDefinitions()

const PATIENT = {
  resourceType: 'Patient',
  id: 'p',
  active: true,
  contained: [{ resourceType: 'Organization', id: 'gp', name: 'Surgery' }],
  generalPractitioner: [{ reference: '#gp' }, { reference: 'Practitioner/n' }],
  name: [
    { use: 'official', given: ['Peter', 'James'], family: 'Chalmers' },
    { use: 'usual', given: ['Jim'] },
    { use: 'maiden', given: ['Peter', 'James'], family: 'Windsor' },
  ],
  birthDate: '1974-12-25',
  _birthDate: { extension: [{ url: 'http://example.org/time', valueDateTime: '1974-12-25T14:35:45-05:00' }] },
}
const STORED = new Map<string, unknown>([
  ['Patient/p', PATIENT],
  ['Practitioner/n', { resourceType: 'Practitioner', id: 'n', name: [{ family: 'Nord' }] }],
  [
    'Observation/o',
    parseJson(`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"weight"},
      "subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/gone"},"valueQuantity":{"value":80.50,"unit":"kg"}}`),
  ],
])

/** The searches that were made, newest last, and always the same answer. */
const searched: [string, string][] = []
const reading: Reading = {
  baseUrl: 'http://here/fhir',
  async read(type, id) {
    const found = STORED.get(`${type}/${id}`)
    if (!found) throw refuse('not-found', `There is no ${type}/${id}.`)
    return found as Resource
  },
  async search(type, params) {
    searched.push([type, decodeURIComponent(params.toString())])
    const resources = [...STORED.values()].filter((one) => (one as Resource).resourceType === type) as Resource[]
    return { resources, ...(params.get('name') === 'many' || type === 'Observation' ? { next: 'abc' } : {}) }
  },
  count: async () => 7,
}

const ask = async (query: string, root?: unknown, variables: Record<string, unknown> = {}, operationName?: string) => {
  const request = { query, variables, ...(operationName ? { operationName } : {}) }
  const answer = await executeQuery(definitions, request, reading, root as Resource | undefined)
  return { data: JSON.parse(stringifyJson(answer.data ?? null)), errors: answer.errors?.map(({ message }) => message) }
}
const OBSERVATION = STORED.get('Observation/o')

test('the schema made of R4 is a valid one', async () => {
  expect(validateSchema(await schemaOf(definitions))).toEqual([])
})

describe('elements', () => {
  test('a list is narrowed by values below, by FHIRPath, and by place', async () => {
    const lists = `{
      official: name(use: official) { family }
      expression: name(fhirpath: "family.exists() and use = 'maiden'") { family }
      part: name(_offset: 1, _count: 1) { given }
    }`
    expect((await ask(lists, PATIENT)).data).toEqual({
      official: [{ family: 'Chalmers' }],
      expression: [{ family: 'Windsor' }],
      part: [{ given: ['Jim'] }],
    })
  })

  test('what stands beside a primitive, choices, and decimals as they were sent', async () => {
    expect((await ask('{ birthDate _birthDate { extension { url valueDateTime } } }', PATIENT)).data).toEqual({
      birthDate: '1974-12-25',
      _birthDate: { extension: [{ url: 'http://example.org/time', valueDateTime: '1974-12-25T14:35:45-05:00' }] },
    })
    const { data } = await executeQuery(
      definitions,
      { query: '{ valueQuantity { value } valueString }', variables: {} },
      reading,
      OBSERVATION as Resource,
    )
    expect(stringifyJson(data)).toBe('{"valueQuantity":{"value":80.50},"valueString":null}')
  })

  test('a variable may be of any scalar type', async () => {
    const query = 'query ($use: String, $n: Int) { name(use: $use, _count: $n) { use } }'
    expect((await ask(query, PATIENT, { use: 'usual', n: 1 })).data).toEqual({ name: [{ use: 'usual' }] })
  })
})

test('@skip and @include, also by a variable that is declared without !; without a value it is an error', async () => {
  const query = 'query ($is: Boolean) { id @skip(if: true) active @include(if: $is) }'
  expect((await ask(query, PATIENT, { is: true })).data).toEqual({ active: true })
  expect((await ask(query, PATIENT, { is: false })).data).toEqual({})
  expect((await ask(query, PATIENT)).errors?.join()).toContain('$is')
  expect((await ask('query ($is: String) { id @skip(if: $is) }', PATIENT, { is: 'x' })).errors).toHaveLength(1)
})

describe('references', () => {
  test('are followed to what is contained and to what is stored', async () => {
    const query =
      '{ generalPractitioner { resource { resourceType ... on Organization { name } ... on Practitioner { person: name { family } } } } }'
    expect((await ask(query, PATIENT)).data.generalPractitioner).toEqual([
      { resource: { resourceType: 'Organization', name: 'Surgery' } },
      { resource: { resourceType: 'Practitioner', person: [{ family: 'Nord' }] } },
    ])
  })

  test('a field of some type needs no fragment; one of no type is refused', async () => {
    expect(
      (await ask('{ subject { resource { active name { family } } } }', OBSERVATION)).data.subject.resource.active,
    ).toBe(true)
    expect((await ask('{ subject { resource { active name { familie } } } }', OBSERVATION)).errors).toEqual([
      expect.stringContaining('Cannot query field "name"'),
    ])
  })

  test('of another type than asked for they are nothing, and the type says what may be selected', async () => {
    expect((await ask('{ subject { resource(type: Group) { active } } }', OBSERVATION)).data).toEqual({
      subject: { resource: null },
    })
    expect(
      (await ask('query ($t: String) { subject { resource(type: $t) { active } } }', OBSERVATION, { t: 'Patient' }))
        .data,
    ).toEqual({
      subject: { resource: { active: true } },
    })
    expect((await ask('{ subject { resource(type: Group) { birthDate } } }', OBSERVATION)).errors).toEqual([
      expect.stringContaining('Cannot query field "birthDate" on type "Group"'),
    ])
    expect((await ask('{ subject { resource(type: Nothing) { id } } }', OBSERVATION)).errors).toEqual([
      expect.stringContaining('Unknown type "Nothing"'),
    ])
  })

  test('what is not there is an error, unless it is optional', async () => {
    expect((await ask('{ id encounter { resource { id } } }', OBSERVATION)).errors).toEqual([
      'There is no Encounter/gone.',
    ])
    expect((await ask('{ encounter { resource(optional: true) { id } } }', OBSERVATION)).errors).toBeUndefined()
  })
})

describe('searches', () => {
  test('back to the resource around, with hyphens as underscores and lists as "any of"', async () => {
    await ask('{ ObservationList(_reference: patient, code: ["a", "b"], _sort: "-date", _count: 3) { id } }', PATIENT)
    expect(searched.at(-1)).toEqual(['Observation', 'code=a,b&_sort=-date&_count=3&patient=Patient/p'])
    await ask('{ DiagnosticReportList(_reference: patient, based_on: "x") { id } }', PATIENT)
    expect(searched.at(-1)).toEqual(['DiagnosticReport', 'based-on=x&patient=Patient/p&_count=1000'])
  })

  test('a connection has pages and counts only when asked', async () => {
    expect(
      (await ask('{ PatientConnection(_count: 5) { count pagesize next edges { mode resource { id } } } }')).data
        .PatientConnection,
    ).toEqual({ count: 7, pagesize: 5, next: null, edges: [{ mode: 'match', resource: { id: 'p' } }] })
  })

  test.each([
    [
      'at the top nothing is around',
      undefined,
      '{ PatientList(_reference: link) { id } }',
      '_reference is for a search inside',
    ],
    [
      'inside it must be said how',
      PATIENT,
      '{ ConditionList { id } }',
      '_reference must say how Condition refers to Patient: ',
    ],
    [
      'a type that never refers to it is no field',
      PATIENT,
      '{ ValueSetList { id } }',
      'Cannot query field "ValueSetList"',
    ],
    ['a list that is not whole', undefined, '{ PatientList(name: many) { id } }', 'more than 1000'],
  ])('%s', async (_rule, root, query, message) => {
    expect((await ask(query, root)).errors?.[0]).toContain(message)
  })
})

describe('R4’s directives', () => {
  test.each([
    [
      '@flatten',
      '{ name @flatten { given family } }',
      { given: ['Peter', 'James', 'Jim', 'Peter', 'James'], family: ['Chalmers', 'Windsor'] },
    ],
    ['@first inside', '{ name @flatten { given @first } }', { given: ['Peter', 'Jim', 'Peter'] }],
    ['@first and @singleton', '{ name @flatten @first { family @singleton } }', { family: 'Chalmers' }],
    [
      '@slice',
      '{ name @flatten @slice(path: "use") { family @singleton } }',
      { 'family.official': 'Chalmers', 'family.maiden': 'Windsor' },
    ],
    [
      '@slice by place',
      '{ name @flatten @slice(path: "$index") { given @first @singleton } }',
      { 'given.0': 'Peter', 'given.1': 'Jim', 'given.2': 'Peter' },
    ],
    [
      'in a fragment',
      '{ ...F } fragment F on Patient { name @flatten { family } }',
      { family: ['Chalmers', 'Windsor'] },
    ],
    [
      'two levels',
      '{ generalPractitioner @flatten { resource(type: Organization) @flatten { label: name } } }',
      { label: ['Surgery'] },
    ],
  ])('%s', async (_name, query, expected) => {
    expect((await ask(query, PATIENT)).data).toMatchObject(expected)
  })

  test('several values of a singleton are an error', async () => {
    expect(await ask('{ name @flatten { family @singleton } }', PATIENT)).toEqual({
      data: null,
      errors: ['family is a @singleton, and there are 2 values.'],
    })
  })
})

describe('what is no query', () => {
  test.each([
    ['{ active', 'Syntax Error'],
    ['{ active { id } }', 'must not have a selection'],
    ['{ name { given }', 'Syntax Error'],
    ['{ name(use: official, colour: red) { given } }', 'Unknown argument "colour"'],
    ['{ name(fhirpath: "(((") { given } }', 'cannot be evaluated'],
    ['{ name(_count: -1) { given } }', 'must not be negative'],
    ['query A { id } query B { id }', 'several operations'],
    ['mutation { id }', 'mutation'],
    ['{ ...A } fragment A on Patient { ...A }', 'Cannot spread fragment "A" within itself'],
  ])('%s', async (query, message) => {
    expect((await ask(query, PATIENT)).errors?.join()).toContain(message)
  })

  test('operationName says which', async () => {
    expect((await ask('query A { id } query B { active }', PATIENT, {}, 'B')).data).toEqual({ active: true })
    expect((await ask('query A { id }', PATIENT, {}, 'C')).errors).toEqual(['The query has no operation "C".'])
  })

  const DOUBLING = Array.from({ length: 16 }, (_, i) => `fragment F${i} on Patient { ...F${i + 1} ...F${i + 1} }`).join(
    ' ',
  )
  test.each([
    ['deep', `{ PatientList ${'{ link { other { resource '.repeat(8)} { id } ${'} } }'.repeat(8)} }`],
    ['wide by doubling', `{ ...F0 } ${DOUBLING} fragment F16 on Patient { id }`],
    ['long', `{ ${'a: id '.repeat(1000)} }`],
  ])('too %s', async (_how, query) => {
    await expect(ask(query, PATIENT)).rejects.toMatchObject({ issues: [{ code: 'too-costly', expression: ['query'] }] })
  })

  test.each([
    [undefined],
    [{}],
    [{ query: 5 }],
    [{ query: '{ id }', variables: [] }],
    [{ query: '{ id }', operationName: 1 }],
  ])('a request without a query, or with something else in it: %j', (body) =>
    expect(() => readRequest(body)).toThrow(Refusal),
  )
})
