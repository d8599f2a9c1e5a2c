import type { CodeSystem, ValueSet } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { isWellFormed } from './code-grammar.ts'
import { toConceptTree } from './concept-tree.ts'
import type { Terms } from './terms.ts'
import { translate } from './translate.ts'
import { validateInValueSet } from './validate-code.ts'

const YES_NO: CodeSystem = {
  ...{ resourceType: 'CodeSystem', url: 'urn:yn', status: 'active', content: 'complete', caseSensitive: false },
  concept: [{ code: 'Y', display: 'Yes' }, { code: 'N' }],
}
const terms: Terms = {
  codeSystem: async (url) => (url === 'urn:yn' ? toConceptTree(YES_NO) : undefined),
  valueSet: async () => undefined,
  conceptMap: async () => undefined,
  conceptMapsFrom: async () => [],
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

test('a map there and back again leads home, with the equivalence turned round', () => {
  const map = {
    ...{ resourceType: 'ConceptMap' as const, status: 'active' as const, url: 'urn:map' },
    group: [
      {
        source: 'urn:a',
        target: 'urn:b',
        element: [{ code: '1', target: [{ code: 'I', equivalence: 'wider' as const }] }],
      },
    ],
  }
  const [there] = translate([map], [{ system: 'urn:a', code: '1' }], {})
  expect(there).toEqual({ equivalence: 'wider', concept: { system: 'urn:b', code: 'I' }, source: 'urn:map' })
  const [back] = translate([map], [there?.concept ?? {}], { reverse: true })
  expect(back).toEqual({ equivalence: 'narrower', concept: { system: 'urn:a', code: '1' }, source: 'urn:map' })
})

test.each([
  [
    { mode: 'provided' as const },
    [{ equivalence: 'equal', concept: { system: 'urn:b', code: '9' }, source: 'urn:map' }],
  ],
  [
    { mode: 'fixed' as const, code: 'other' },
    [{ equivalence: 'inexact', concept: { system: 'urn:b', code: 'other' }, source: 'urn:map' }],
  ],
  [undefined, []],
])('a code that the map does not name is translated as %p says', (unmapped, expected) => {
  const map = {
    ...{ resourceType: 'ConceptMap' as const, status: 'active' as const, url: 'urn:map' },
    group: [{ source: 'urn:a', target: 'urn:b', element: [{ code: '1' }], ...(unmapped ? { unmapped } : {}) }],
  }
  expect(translate([map], [{ system: 'urn:a', code: '9' }], {})).toEqual(expected)
})
