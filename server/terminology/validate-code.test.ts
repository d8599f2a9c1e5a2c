import type { CodeSystem, ValueSet } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { isWellFormed } from './code-grammar.ts'
import { toConceptTree } from './concept-tree.ts'
import type { Terms } from './terms.ts'
import { validateInValueSet } from './validate-code.ts'

const YES_NO: CodeSystem = {
  ...{ resourceType: 'CodeSystem', url: 'urn:yn', status: 'active', content: 'complete', caseSensitive: false },
  concept: [{ code: 'Y', display: 'Yes' }, { code: 'N' }],
}
const terms: Terms = {
  codeSystem: async (url) => (url === 'urn:yn' ? toConceptTree(YES_NO) : undefined),
  valueSet: async () => undefined,
  conceptMap: async () => undefined,
  conceptMaps: async () => [],
}
const set = (...systems: string[]): ValueSet => ({
  ...{ resourceType: 'ValueSet', status: 'active' },
  compose: { include: systems.map((system) => ({ system })) },
})
const isIn = async (valueSet: ValueSet, ...codings: object[]) =>
  (await validateInValueSet(terms, valueSet, codings)).result

test('one coding of several is enough, and case counts as the code system says', async () => {
  expect(await isIn(set('urn:yn'), { system: 'urn:other', code: 'Y' }, { system: 'urn:yn', code: 'N' })).toBe(true)
  expect(await isIn(set('urn:yn'), { system: 'urn:yn', code: 'y' })).toBe(true)
  expect(await isIn(set('urn:yn'), { system: 'urn:yn', code: 'maybe' })).toBe(false)
  expect(await isIn(set('urn:yn'))).toBe(false)
})

test('of a set that is known in part, what is known is told, and of the rest that it is not known', async () => {
  const partly = set('urn:not-here', 'urn:yn')
  expect(await isIn(partly, { system: 'urn:yn', code: 'Y' })).toBe(true)
  await expect(isIn(partly, { system: 'urn:not-here', code: '1' })).rejects.toMatchObject({
    issues: [{ code: 'not-found' }],
  })
})

test.each([
  ['urn:ietf:bcp:47', ['nb', 'nb-NO', 'zh-Hant-TW', 'de-CH-1996', 'x-none-'], [true, true, true, true, false]],
  ['urn:ietf:bcp:13', ['text/plain', 'application/fhir+json; fhirVersion=4.0', 'text'], [true, true, false]],
  [
    'http://unitsofmeasure.org',
    ['mg', 'mm[Hg]', '/min', '{beats}/min', 'kilo', 'mg dl'],
    [true, true, true, true, false, false],
  ],
])('%s: %p are well formed: %p', (system, codes, expected) => {
  expect(codes.map((code) => isWellFormed(system, code))).toEqual(expected)
  expect(isWellFormed('urn:yn', 'Y')).toBeUndefined()
})

test('no text at all stops the grammars or is answered by anything but yes or no', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 300 }),
      fc.constantFrom('urn:ietf:bcp:47', 'urn:ietf:bcp:13', 'http://unitsofmeasure.org'),
      (code, system) => {
        expect(typeof isWellFormed(system, code)).toBe('boolean')
      },
    ),
  )
})
