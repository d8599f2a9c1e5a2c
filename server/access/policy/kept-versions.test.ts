import { createHash } from 'node:crypto'
import { toCanonicalJson } from '../../core/fhir/canonical-json.ts'
import { loadDefinitions } from '../../definitions/definitions.ts'
import { toKept } from './kept-policy.ts'
import { findVersion, keptVersions } from './kept-versions.ts'
import { POLICY } from './policy.ts'
import { ruleInWords } from './rule-in-words.ts'

/** What each version says, by its SHA-256. A line is added for a new version; none is ever changed: the audit names them. */
const SAYS: Record<string, string> = {
  '1.0.0': '501bf1b84d2014d2e61531d88fb1a7257a5dfe376cac34184407ef0a7760dc0c',
  '1.1.0': 'd4438ab14e4e966cd7434185e77a5bdc241689f40dc8cea85512fe3d1eef7ccc',
  '1.2.0': '6ec446dbe2c11b5883f171167c61155bdae7e1a149f7052c175e32daabccf9b8',
  '1.3.0': '5759a44c6fd14dcd8295cd9af82798dc8780d65ccbedd417bd6e2cafbac9a7d3',
  '1.4.0': '349d5861f4f5b28879a7c9456722718b000e006e912149cb87c571c6244aa8fb',
  '1.5.0': 'abe35cf40a8a033add95aa1f9fbafb312ebdd60883c9d44efb05c106125d7e63',
  '1.6.0': '2911eb40ecacf4fd0f51855d01a376685bb20a332974afb929c5a211f08fbc37',
  '1.7.0': '618563c8f285527b8a03473c7ec7148e7c6485ca51c22ee488b9126ded972631',
  '1.8.0': '2a5df31a91b71ef7be70bf0c1fec383b2dcaa7f819867eb575ec15e10ac4ee8f',
}

const { resourceTypes } = loadDefinitions()
const hashOf = (policy: unknown) => createHash('sha256').update(toCanonicalJson(policy)).digest('hex')

test('what decides now is what is kept of its version: who changes a rule gives a new version', async () => {
  const kept = await findVersion(POLICY.version)
  expect(toKept(POLICY, resourceTypes)).toEqual(kept)
})

test('no version that has been in force says anything else than it did', async () => {
  const versions = await keptVersions()
  const said = await Promise.all(versions.map(async (version) => [version, hashOf(await findVersion(version))]))
  expect(Object.fromEntries(said)).toEqual(SAYS)
})

test.each([
  ['a rule', { rules: POLICY.rules.slice(1) }],
  ['who may do an act', { acts: POLICY.acts.slice(1) }],
  ['a label', { labels: [] }],
  ['an age', { family: { ...POLICY.family, youthAge: 13 } }],
  ['how long an opening lasts', { openings: { ...POLICY.openings, minutesMax: 241 } }],
])('another hash comes of another %s', (_, change) => {
  expect(hashOf(toKept({ ...POLICY, ...change }, resourceTypes))).not.toBe(SAYS[POLICY.version])
})

test('a type that a group gains is a change too', () => {
  expect(hashOf(toKept(POLICY, [...resourceTypes, 'Novelty']))).not.toBe(SAYS[POLICY.version])
})

test('versions are in the order in which they came; one that never was is not found', async () => {
  const versions = await keptVersions()
  expect([versions[0], versions.at(-1)]).toEqual(['1.0.0', POLICY.version])
  for (const version of ['0.9.0', '', '../policy', '1.0']) expect(await findVersion(version)).toBeUndefined()
})

test('each name of several types that a rule has is told with its types', () => {
  const { rules, groups } = toKept(POLICY, resourceTypes)
  const known = new Set([...resourceTypes, ...groups.filter(({ types }) => types.length > 0).map(({ name }) => name)])
  expect(rules.flatMap(({ types, except = [] }) => [...types, ...except]).filter((name) => !known.has(name))).toEqual(
    [],
  )
})

test('a rule is told in words, with all that it asks', () => {
  const told = (id: string) => POLICY.rules.filter((rule) => rule.id === id).map(ruleInWords)
  expect(told('nurse-emergency')).toEqual([
    'Who is nurse may read and search record: of patients whose record they have opened in an emergency.',
  ])
  expect(told('admin-reviews')).toEqual([
    'Who is administrator may read, update and search Task where code=http://fylgje.no/fhir/CodeSystem/access-opening|: of anybody, also of what the patient has closed.',
  ])
  expect(told('kin-reads')).toEqual([
    'Who is next-of-kin may read and search record (not Consent): in their own record, or their child’s; or that the patient has granted them.',
  ])
})
