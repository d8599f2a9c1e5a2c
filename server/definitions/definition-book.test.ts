import type { StructureDefinition } from '@medplum/fhirtypes'
import { createDefinitionBook } from './definition-book.ts'
import { loadDefinitions } from './definitions.ts'

const definitions = loadDefinitions()

const profile = (version: string | undefined, more: object = {}) =>
  ({
    ...{ resourceType: 'StructureDefinition', url: 'http://example.org/p', version, name: 'P', status: 'active' },
    ...{ kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint', ...more },
  }) as StructureDefinition

const bookOf = (...resources: StructureDefinition[]) => {
  const book = createDefinitionBook(definitions)
  book.change(
    resources.map((resource, i) => ({ id: String(i), resource })),
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
  book.change([{ id: '0', resource: profile('2') }], [])
  expect(book.profile('http://example.org/p')?.version).toBe('2')
  expect(book.generation).not.toBe(generation)
  book.change([], ['0'])
  expect(book.profile('http://example.org/p')).toBeUndefined()
})

test('the value sets that count are those of required and extensible bindings, and what they hold is given', () => {
  const bound = (strength: string, valueSet: string) => ({
    path: 'Patient.maritalStatus',
    binding: { strength, valueSet },
  })
  const book = bookOf(
    profile('1', { differential: { element: [bound('required', 'http://a'), bound('preferred', 'http://b')] } }),
    profile('2', { snapshot: { element: [bound('extensible', 'http://c|1')] } }),
  )
  expect([...book.boundValueSets()].sort()).toEqual(['http://a', 'http://c|1'])
  const { generation } = book
  book.takeCodes(
    new Map([
      ['http://a', new Set(['s|x'])],
      ['http://c|1', undefined],
    ]),
  )
  expect(book.codes('http://a')).toEqual(new Set(['s|x']))
  expect(book.codes('http://c|1')).toBeUndefined()
  expect(book.generation).not.toBe(generation)
  expect(book.codes('http://hl7.org/fhir/ValueSet/observation-status')).toContain(
    'http://hl7.org/fhir/observation-status|final',
  )
})
