import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CodeSystem, Observation, StructureDefinition, ValueSet } from '@medplum/fhirtypes'
import { isCheap } from '../server/core/fhirpath/cost.ts'
import { createDefinitionBook } from '../server/definitions/definition-book.ts'
import { loadDefinitions } from '../server/definitions/definitions.ts'
import type { FailingExample } from '../server/guide/definitions.ts'
import { applyJsonPatch } from '../server/patch/json-patch.ts'
import { loadProfiles } from '../server/plans/load-pathways.ts'
import { createValidator } from '../server/validation/validator.ts'

const FOLDER = join(import.meta.dirname, 'examples')
const NAMES = readdirSync(FOLDER).map((name) => name.replace(/\.json$/, ''))
const FAILING_EXAMPLES = JSON.parse(
  readFileSync(join(import.meta.dirname, 'failing-examples.json'), 'utf8'),
) as FailingExample[]
const read = (name: string) =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as { meta: { profile: string[] } }

const ours = loadProfiles()
const ofType = <T>(type: string) => ours.filter(({ resourceType }) => resourceType === type) as unknown as T[]
const definitions = loadDefinitions()
const book = createDefinitionBook(definitions)
book.change(
  ofType<StructureDefinition>('StructureDefinition').map((resource) => ({ id: String(resource.id), resource })),
  [],
)
book.takeCodes(new Map(ofType<ValueSet>('ValueSet').map((valueSet) => [String(valueSet.url), codesOf(valueSet)])))
const { validate } = createValidator(definitions, {
  source: book,
  nationalNumbers: { mode: 'refuse', acceptsSynthetic: true },
})

test.each(NAMES)('the example %s passes by the profile that it claims', (name) => {
  expect(validate(read(name)).filter(({ severity }) => severity === 'error')).toEqual([])
})

test.each(FAILING_EXAMPLES.map((one) => [one.example, JSON.stringify(one.change), one] as const))(
  'the example %s with %s fails as it says',
  (name, _change, { change, issues: expected }) => {
    const example = read(name)
    applyJsonPatch(example, [change])
    const issues = validate(example).filter(({ severity }) => severity === 'error')
    const told = new Set(issues.map(({ code, expression }) => `${code} ${expression}`))
    expect(told).toEqual(new Set(expected))
  },
)

test('every profile has an example that passes and one that fails', () => {
  const claimed = (name: string) => read(name).meta.profile[0]
  const profiles = ofType<StructureDefinition>('StructureDefinition')
    .filter(({ type, kind, id }) => type !== 'Extension' && kind === 'resource' && id !== 'home-measurement')
    .map(({ url }) => url)
  expect(new Set(NAMES.map(claimed))).toEqual(new Set(profiles))
  expect(new Set(FAILING_EXAMPLES.map(({ example }) => claimed(example)))).toEqual(new Set(profiles))
})

test('every measurement at home says by its example how it was measured, and what has a device, with which', () => {
  const measured = NAMES.map((name) => read(name) as unknown as Observation).filter(
    ({ resourceType, meta, dataAbsentReason }) =>
      resourceType === 'Observation' &&
      /\/(home-|news2|symptom-score)/.test(meta?.profile?.[0] ?? '') &&
      !dataAbsentReason,
  )
  expect(measured.length).toBeGreaterThan(12)
  const without = (part: 'method' | 'device') => measured.filter((one) => !one[part]).map(({ id }) => id)
  expect(without('method')).toEqual([])
  expect(without('device').sort()).toEqual(['news2-total', 'news2-without-total', 'pain', 'respiratory-rate', 'score'])
})

test('no rule of ours is so dear that it is stopped by the clock: a machine that is busy refuses what any other does', () => {
  const profiles = new Map(ofType<StructureDefinition>('StructureDefinition').map((one) => [one.url, one]))
  const rulesOf = (url?: string): string[] => {
    const { differential, baseDefinition } = profiles.get(String(url)) ?? {}
    const own = (differential?.element ?? []).flatMap(({ constraint = [] }) => constraint)
    return differential ? [...own.map(({ expression = '' }) => expression), ...rulesOf(baseDefinition)] : []
  }
  const judged = NAMES.flatMap((name) => {
    const resource = read(name)
    // No element is larger than the whole, which stands in the variables too.
    const all = { focus: resource, variables: { resource, rootResource: resource } }
    return rulesOf(resource.meta.profile[0]).map((rule) => ({ name, rule, isQuick: isCheap(rule, all) }))
  })
  expect(judged.length).toBeGreaterThan(30)
  expect(judged.filter(({ isQuick }) => !isQuick)).toEqual([])
})

/** Ours include a code system as a whole, or list the codes. */
function codesOf({ compose }: ValueSet): Set<string> {
  const systems = new Map(ofType<CodeSystem>('CodeSystem').map((one) => [one.url, one]))
  return new Set(
    (compose?.include ?? []).flatMap(({ system, concept }) =>
      (concept ?? systems.get(String(system))?.concept ?? []).map(({ code }) => `${system}|${code}`),
    ),
  )
}
