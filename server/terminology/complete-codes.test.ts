import type { CodeSystem, ValueSet } from '@medplum/fhirtypes'
import { completeCodes } from './complete-codes.ts'
import { toConceptTree } from './concept-tree.ts'
import type { Terms } from './terms.ts'

const SYSTEM = 'http://example.org/cs'
type Compose = NonNullable<ValueSet['compose']>

const termsOf = (valueSet: object | undefined, content: CodeSystem['content'] = 'complete'): Terms => ({
  codeSystem: async (canonical) =>
    canonical === SYSTEM
      ? toConceptTree({
          ...{ resourceType: 'CodeSystem', url: SYSTEM, status: 'active', content },
          concept: [{ code: 'a', concept: [{ code: 'b' }] }],
        })
      : undefined,
  valueSet: async () => valueSet && ({ resourceType: 'ValueSet', status: 'active', ...valueSet } as ValueSet),
  conceptMap: async () => undefined,
  conceptMaps: async () => [],
})

const codesOf = async (terms: Terms) => {
  const codes = await completeCodes(terms, 'http://example.org/vs')
  return codes && [...codes]
}

test.each<[string, Compose, string[] | undefined]>([
  ['a whole system', { include: [{ system: SYSTEM }] }, [`${SYSTEM}|a`, `${SYSTEM}|b`]],
  [
    'codes that are listed, of whatever system',
    { include: [{ system: 'http://loinc.org', concept: [{ code: 'x' }] }] },
    ['http://loinc.org|x'],
  ],
  ['a system that is not here', { include: [{ system: SYSTEM }, { system: 'http://loinc.org' }] }, undefined],
])('%s', async (_, compose, expected) => expect(await codesOf(termsOf({ compose }))).toEqual(expected))

test('a fragment does not say which codes there are', async () => {
  expect(await codesOf(termsOf({ compose: { include: [{ system: SYSTEM }] } }, 'fragment'))).toBeUndefined()
})

test('an expansion stands for itself, unless it is cut short', async () => {
  const expansion = (total: number) => ({
    expansion: { timestamp: '2026-01-01', total, contains: [{ system: SYSTEM, code: 'a' }] },
  })
  expect(await codesOf(termsOf(expansion(1)))).toEqual([`${SYSTEM}|a`])
  expect(await codesOf(termsOf(expansion(2)))).toBeUndefined()
})

test('a value set that nobody knows, and one that says nothing', async () => {
  expect(await codesOf(termsOf(undefined))).toBeUndefined()
  expect(await codesOf(termsOf({}))).toBeUndefined()
})
