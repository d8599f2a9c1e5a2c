import type { CodeSystem, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes'
import { toConceptTree } from './concept-tree.ts'
import { expand } from './expand.ts'
import type { GivenSystems } from './system-versions.ts'
import type { Terms } from './terms.ts'

const letters = (version: string, ...codes: string[]): CodeSystem => ({
  ...{ resourceType: 'CodeSystem', url: 'urn:letters', version, status: 'active', content: 'complete' },
  concept: codes.map((code) => ({
    code,
    designation: [
      { language: 'nb', value: 'bokstav' },
      { use: { system: 'urn:uses', code: 'spoken' }, value: 'uttalt' },
    ],
  })),
})
const VERSIONS = [letters('2', 'a', 'b'), letters('1', 'a')]
const BELOW: ValueSet = {
  ...{ resourceType: 'ValueSet', status: 'active', url: 'urn:below' },
  compose: { include: [{ system: 'urn:letters', version: '1' }] },
}
const terms: Terms = {
  async codeSystem(canonical) {
    const [url, version] = canonical.split('|')
    const found = VERSIONS.find((one) => one.url === url && (version === undefined || one.version === version))
    // As R4's own, of which there is one whatever version is named.
    return toConceptTree(found ?? letters('2', 'a', 'b'))
  },
  valueSet: async () => BELOW,
  conceptMap: async () => undefined,
  conceptMaps: async () => [],
}
const set = (...include: ValueSetComposeInclude[]): ValueSet => ({
  ...{ resourceType: 'ValueSet', status: 'active' },
  compose: { include },
})
const NONE: GivenSystems = {
  ...{ 'system-version': [], 'check-system-version': [], 'force-system-version': [], 'exclude-system': [] },
}
const expandWith = async (valueSet: ValueSet, systems: Partial<GivenSystems>) =>
  (await expand(terms, valueSet, { systems: { ...NONE, ...systems } }, new Date(0))).expansion
const codesOf = async (valueSet: ValueSet, systems: Partial<GivenSystems>) =>
  ((await expandWith(valueSet, systems))?.contains ?? []).map(({ code, version }) => `${code} of ${version}`)

const OPEN = set({ system: 'urn:letters' })
const NAMED = set({ system: 'urn:letters', version: '1' })

test.each([
  ['no version', OPEN, {}, ['a of 2', 'b of 2']],
  ['a version where none is named', OPEN, { 'system-version': ['urn:letters|1'] }, ['a of 1']],
  ['one of another system', OPEN, { 'system-version': ['urn:other|1'] }, ['a of 2', 'b of 2']],
  ['a version where one is named', NAMED, { 'system-version': ['urn:letters|2'] }, ['a of 1']],
  ['a check where none is named', OPEN, { 'check-system-version': ['urn:letters|1'] }, ['a of 1']],
  ['a check that holds', NAMED, { 'check-system-version': ['urn:letters|1'] }, ['a of 1']],
  ['force', NAMED, { 'force-system-version': ['urn:letters|2'] }, ['a of 2', 'b of 2']],
  [
    'force, below another value set',
    set({ valueSet: ['urn:below'] }),
    { 'force-system-version': ['urn:letters|2'] },
    ['a of 2', 'b of 2'],
  ],
  [
    'force, of codes that are listed',
    set({ system: 'urn:letters', version: '1', concept: [{ code: 'a' }] }),
    { 'force-system-version': ['urn:letters|2'] },
    ['a of 2'],
  ],
  ['exclusion', OPEN, { 'exclude-system': ['urn:letters'] }, []],
  ['exclusion of the version', OPEN, { 'exclude-system': ['urn:letters|2'] }, []],
  ['exclusion of another version', OPEN, { 'exclude-system': ['urn:letters|1'] }, ['a of 2', 'b of 2']],
  [
    'exclusion of one of two',
    set({ system: 'urn:letters', version: '1' }, { system: 'urn:x', concept: [{ code: 'x' }], version: '9' }),
    { 'exclude-system': ['urn:letters'] },
    ['x of 9'],
  ],
] as [string, ValueSet, Partial<GivenSystems>, string[]][])('with %s: %#', async (_, valueSet, systems, codes) => {
  expect(await codesOf(valueSet, systems)).toEqual(codes)
})

test('a value set that is stored as its expansion leaves out what is excluded', async () => {
  const stored: ValueSet = {
    ...{ resourceType: 'ValueSet', status: 'active' },
    expansion: { timestamp: '2026-01-01', contains: ['urn:a', 'urn:b'].map((system) => ({ system, code: '1' })) },
  }
  const { contains } = (await expandWith(stored, { 'exclude-system': ['urn:a'] })) ?? {}
  expect(contains).toEqual([{ system: 'urn:b', code: '1' }])
})

test('the expansion tells what was asked for, and the version that was used', async () => {
  const { parameter } = (await expandWith(NAMED, { 'force-system-version': ['urn:letters|2'] })) ?? {}
  expect(parameter).toEqual([
    { name: 'force-system-version', valueUri: 'urn:letters|2' },
    { name: 'version', valueUri: 'urn:letters|2' },
  ])
})

test.each([
  [NAMED, { 'check-system-version': ['urn:letters|2'] }, 'business-rule', 'ValueSet.compose.include[0].version'],
  [OPEN, { 'system-version': ['urn:letters|9'] }, 'not-found', 'ValueSet.compose.include[0]'],
  [OPEN, { 'system-version': ['urn:letters'] }, 'value', 'system-version'],
  [OPEN, { 'force-system-version': ['urn:a|1', 'urn:a|2'] }, 'value', 'force-system-version'],
] as [ValueSet, Partial<GivenSystems>, string, string][])(
  'refused: %#',
  async (valueSet, systems, code, expression) => {
    await expect(expandWith(valueSet, systems)).rejects.toMatchObject({ issues: [{ code, expression: [expression] }] })
  },
)

test.each([
  [['nb'], ['bokstav']],
  [['urn:ietf:bcp:47|nb'], ['bokstav']],
  [['urn:uses|spoken'], ['uttalt']],
  [
    ['spoken', 'nb'],
    ['bokstav', 'uttalt'],
  ],
  [['urn:uses|nb'], undefined],
])('of designations %p are those that are asked for', async (designations, texts) => {
  const { expansion } = await expand(terms, NAMED, { designations }, new Date(0))
  expect(expansion?.contains?.[0]?.designation?.map(({ value }) => value)).toEqual(texts)
})
