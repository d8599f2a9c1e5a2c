import type { CodeSystem, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { Refusal } from '../core/fhir/outcome.ts'
import { codesIn } from './codes-in.ts'
import { toConceptTree } from './concept-tree.ts'
import { expand } from './expand.ts'
import type { Terms } from './terms.ts'

const LETTERS: CodeSystem = {
  ...{ resourceType: 'CodeSystem', url: 'urn:letters', status: 'active', content: 'complete' },
  concept: [
    {
      code: 'vowel',
      concept: [
        { code: 'a', display: 'Ålen', property: [{ code: 'place', valueCode: 'front' }] },
        { code: 'o', display: 'Ost', property: [{ code: 'place', valueCode: 'back' }] },
      ],
    },
    { code: 'x', property: [{ code: 'status', valueCode: 'retired' }] },
  ],
}
const EMPTY: CodeSystem = { resourceType: 'CodeSystem', url: 'urn:empty', status: 'active', content: 'not-present' }
const set = (include: ValueSetComposeInclude[], more: Partial<ValueSet> = {}): ValueSet => ({
  ...{ resourceType: 'ValueSet', status: 'active', compose: { include } },
  ...more,
})
const VOWELS = set(
  [{ system: 'urn:letters', filter: [{ property: 'concept', op: 'descendent-of', value: 'vowel' }] }],
  {
    url: 'urn:vowels',
  },
)

const terms: Terms = {
  codeSystem: async (url) => {
    const found = [LETTERS, EMPTY].find((one) => one.url === url)
    return found && toConceptTree(found)
  },
  valueSet: async (url) => (url === 'urn:vowels' ? VOWELS : undefined),
  conceptMap: async () => undefined,
  conceptMaps: async () => [],
}
const codesOf = async (valueSet: ValueSet) => [...(await codesIn(terms, valueSet)).values()].map(({ code }) => code)
const filtered = (property: string, op: string, value: string) =>
  set([{ system: 'urn:letters', filter: [{ property, op: op as '=', value }] }])

test.each([
  ['concept', 'is-a', 'vowel', ['vowel', 'a', 'o']],
  ['concept', 'descendent-of', 'vowel', ['a', 'o']],
  ['concept', 'is-not-a', 'vowel', ['x']],
  ['concept', 'generalizes', 'a', ['vowel', 'a']],
  ['place', '=', 'back', ['o']],
  ['place', 'in', 'back, front', ['a', 'o']],
  ['place', 'not-in', 'back', ['vowel', 'a', 'x']],
  ['place', 'exists', 'true', ['a', 'o']],
  ['place', 'exists', 'false', ['vowel', 'x']],
  ['code', 'regex', '[a-z]', ['a', 'o', 'x']],
  ['parent', '=', 'vowel', ['a', 'o']],
  ['subsumedBy', '=', 'vowel', ['a', 'o']],
  ['child', '=', 'a', ['vowel']],
])('%s %s %s: %p', async (property, op, value, codes) => {
  expect(await codesOf(filtered(property, op, value))).toEqual(codes)
})

test('an include is what its parts have in common; includes add up; excludes take away', async () => {
  const both = {
    system: 'urn:letters',
    valueSet: ['urn:vowels'],
    filter: [{ property: 'place', op: '=' as const, value: 'back' }],
  }
  expect(await codesOf(set([both]))).toEqual(['o'])
  expect(await codesOf(set([both, { system: 'urn:letters', concept: [{ code: 'x' }] }]))).toEqual(['o', 'x'])
  const without = set([{ system: 'urn:letters' }])
  expect(
    await codesOf({
      ...without,
      compose: { include: [{ system: 'urn:letters' }], exclude: [{ valueSet: ['urn:vowels'] }] },
    }),
  ).toEqual(['vowel', 'x'])
  expect(
    await codesOf({ ...without, compose: { inactive: false, include: [{ system: 'urn:letters' }] } }),
  ).not.toContain('x')
})

test('codes that are listed need no code system; one that is here gives their displays', async () => {
  const listed = set([
    { system: 'urn:unknown', concept: [{ code: '1', display: 'One' }] },
    { system: 'urn:letters', concept: [{ code: 'a' }] },
  ])
  expect((await expand(terms, listed, {}, new Date(0))).expansion?.contains).toEqual([
    { system: 'urn:unknown', code: '1', display: 'One' },
    { system: 'urn:letters', code: 'a', display: 'Ålen' },
  ])
})

test('a value set that is stored as its expansion holds what that holds, groups without a code left out', async () => {
  const stored: ValueSet = {
    ...{ resourceType: 'ValueSet', status: 'active' },
    expansion: {
      timestamp: '2026-01-01',
      contains: [{ display: 'Group', contains: [{ system: 'urn:s', code: '1' }] }],
    },
  }
  expect(await codesOf(stored)).toEqual(['1'])
})

const REFUSED: [ValueSet, string, string][] = [
  [set([{ system: 'urn:none' }]), 'not-found', 'ValueSet.compose.include[0]'],
  [set([{ system: 'urn:empty' }]), 'not-supported', 'ValueSet.compose.include[0]'],
  [set([{ valueSet: ['urn:none'] }]), 'not-found', 'ValueSet.compose.include[0].valueSet[0]'],
  [filtered('palce', '=', 'back'), 'not-supported', 'ValueSet.compose.include[0].filter[0].property'],
  [filtered('palce', 'not-in', 'back'), 'not-supported', 'ValueSet.compose.include[0].filter[0].property'],
  [filtered('code', 'like', 'a'), 'not-supported', 'ValueSet.compose.include[0].filter[0].op'],
  [filtered('code', 'regex', '('), 'value', 'ValueSet.compose.include[0].filter[0].value'],
  ...['(a+)+$', '(a|a)*', '((a)|(a))*b', 'a*a*a*a*a*b', '(a)\\1'].map(
    (pattern) =>
      [filtered('code', 'regex', pattern), 'too-costly', 'ValueSet.compose.include[0].filter[0].value'] as [
        ValueSet,
        string,
        string,
      ],
  ),
]

test.each(REFUSED)(
  'what cannot be expanded is refused, and the place is named (%#)',
  async (valueSet, code, expression) => {
    const refusal = await codesIn(terms, valueSet).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(Refusal)
    expect((refusal as Refusal).issues[0]).toMatchObject({ code, expression: [expression] })
  },
)

test('too many codes are refused', async () => {
  const refusal = codesIn(terms, set([{ system: 'urn:letters' }]), { countMax: 2 })
  await expect(refusal).rejects.toMatchObject({ issues: [{ code: 'too-costly' }] })
})

test('pages of any size hold each code once, in one order, and the total is that of all', async () => {
  const all = set([{ system: 'urn:letters' }])
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), async (count) => {
      const found: (string | undefined)[] = []
      for (let offset = 0; ; offset += count) {
        const { expansion } = await expand(terms, all, { count, offset }, new Date(0))
        expect(expansion?.total).toBe(4)
        if (!expansion?.contains) break
        found.push(...expansion.contains.map(({ code }) => code))
      }
      expect(found).toEqual(['vowel', 'a', 'o', 'x'])
    }),
  )
})

test.each([
  ['ALEN', ['a']],
  ['ost', ['o']],
  ['a', ['a']],
  ['ost å', []],
  ['', ['vowel', 'a', 'o', 'x']],
])('the filter %p finds %p: neither case nor accents count', async (filter, codes) => {
  const { expansion } = await expand(terms, set([{ system: 'urn:letters' }]), { filter }, new Date(0))
  expect((expansion?.contains ?? []).map(({ code }) => code)).toEqual(codes)
})
