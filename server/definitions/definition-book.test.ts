import type { CodeSystem, StructureDefinition, ValueSet } from '@medplum/fhirtypes'
import { createDefinitionBook, type StoredDefinition } from './definition-book.ts'
import { loadDefinitions } from './definitions.ts'

const definitions = loadDefinitions()

const profile = (version: string | undefined, more: object = {}) =>
  ({
    ...{ resourceType: 'StructureDefinition', url: 'http://example.org/p', version, name: 'P', status: 'active' },
    ...{ kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint', ...more },
  }) as StructureDefinition

const bookOf = (...resources: StoredDefinition['resource'][]) => {
  const book = createDefinitionBook(definitions)
  book.change(
    resources.map((resource, i) => ({ key: String(i), resource })),
    [],
  )
  return book
}

test.each([
  ['http://example.org/p', '1.10.0'],
  ['http://example.org/p|1.9.0', '1.9.0'],
  ['http://example.org/p|1.9', '1.9.0'],
  ['http://example.org/p|1', '1.10.0'],
  ['http://example.org/p|1.1', undefined],
  ['http://example.org/q', undefined],
])('%s is version %s', (canonical, version) =>
  expect(bookOf(profile('1.9.0'), profile('1.10.0')).profile(canonical)?.version).toBe(version),
)

test('what is stored comes before what R4 publishes, and no type of R4 is replaced', () => {
  const vitals = 'http://hl7.org/fhir/StructureDefinition/vitalsigns'
  expect(bookOf().profile(vitals)?.version).toBe('4.0.1')
  expect(bookOf(profile('9', { url: vitals })).profile(vitals)?.version).toBe('9')
  expect(bookOf(profile('1', { derivation: 'specialization' })).profile('http://example.org/p')).toBeUndefined()
})

test('a change is told by another generation; what is gone is gone', () => {
  const book = bookOf(profile('1'))
  const { generation } = book
  book.change([{ key: '0', resource: profile('2') }], [])
  expect(book.profile('http://example.org/p')?.version).toBe('2')
  expect(book.generation).not.toBe(generation)
  book.change([], ['0'])
  expect(book.profile('http://example.org/p')).toBeUndefined()
})

describe('codes of a stored value set', () => {
  const system = 'http://example.org/cs'
  const codeSystem: CodeSystem = {
    ...{ resourceType: 'CodeSystem', url: system, status: 'active', content: 'complete' },
    concept: [
      { code: 'a', property: [{ code: 'kind', valueCode: 'x' }], concept: [{ code: 'a1' }] },
      { code: 'b', property: [{ code: 'parent', valueCode: 'a1' }] },
    ],
  }
  type Compose = NonNullable<ValueSet['compose']>
  const valueSet = (compose: Compose, url = 'http://example.org/vs'): ValueSet => ({
    ...{ resourceType: 'ValueSet', status: 'active', url, compose },
  })
  const filter = (
    property: string,
    op: 'is-a' | 'descendent-of' | 'is-not-a' | '=' | 'in' | 'regex',
    value: string,
  ) => ({
    include: [{ system, filter: [{ property, op, value }] }],
  })

  test.each<[string, Compose, string[] | undefined]>([
    ['a whole system', { include: [{ system }] }, ['a', 'a1', 'b']],
    ['some codes', { include: [{ system, concept: [{ code: 'a' }] }] }, ['a']],
    ['without others', { include: [{ system }], exclude: [{ system, concept: [{ code: 'a' }] }] }, ['a1', 'b']],
    ['below a code, itself included', filter('concept', 'is-a', 'a'), ['a', 'a1', 'b']],
    ['below a code', filter('concept', 'descendent-of', 'a'), ['a1', 'b']],
    ['not below a code', filter('concept', 'is-not-a', 'a1'), ['a']],
    ['by property', filter('kind', '=', 'x'), ['a']],
    ['by code', filter('code', 'in', 'a,b'), ['a', 'b']],
    ['in another value set too', { include: [{ system, valueSet: ['http://example.org/other'] }] }, ['b']],
    ['by a filter that we do not have', filter('code', 'regex', 'a.*'), undefined],
    ['of a system that is not here', { include: [{ system: 'http://loinc.org' }] }, undefined],
    ['that holds itself', { include: [{ valueSet: ['http://example.org/vs'] }] }, undefined],
  ])('%s', (_, compose, expected) => {
    const other = valueSet({ include: [{ system, concept: [{ code: 'b' }] }] }, 'http://example.org/other')
    const codes = bookOf(codeSystem, valueSet(compose), other).codes('http://example.org/vs')
    expect(codes && [...codes].sort()).toEqual(expected?.map((code) => `${system}|${code}`))
  })

  test('an expansion that is whole stands for itself, and one that is cut short for nothing', () => {
    const expanded = (total: number): ValueSet => ({
      ...{ resourceType: 'ValueSet', status: 'active', url: 'http://example.org/vs' },
      expansion: {
        timestamp: '2026-01-01',
        total,
        contains: [{ system, code: 'a', contains: [{ system, code: 'b' }] }],
      },
    })
    expect(bookOf(expanded(1)).codes('http://example.org/vs')).toEqual(new Set([`${system}|a`, `${system}|b`]))
    expect(bookOf(expanded(9)).codes('http://example.org/vs')).toBeUndefined()
  })
})
