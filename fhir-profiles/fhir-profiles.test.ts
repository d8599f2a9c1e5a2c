import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CodeSystem } from '@medplum/fhirtypes'
import { COLOURS } from '../server/core/decide/plan/vocabulary.ts'
import { COLOUR_WORDS, TASK_WORDS } from '../server/core/decide/words/coded-words.ts'
import { loadDefinitions } from '../server/definitions/definitions.ts'
import { loadProfiles } from '../server/plans/load-pathways.ts'
import { createValidator } from '../server/validation/validator.ts'

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const ours = loadProfiles()
const codeSystems = new Map(
  ours.flatMap((one) =>
    one.resourceType === 'CodeSystem' ? [[(one as unknown as CodeSystem).url, one as unknown as CodeSystem]] : [],
  ),
)

const { validate } = createValidator(loadDefinitions())

test.each(ours.map((resource) => [`${resource.resourceType}/${resource.id}`, resource]))(
  '%s is valid R4',
  (_name, resource) => {
    expect(validate(resource).filter(({ severity }) => severity === 'error')).toEqual([])
  },
)

test.each([...codeSystems.values()].map((codeSystem) => [codeSystem.name, codeSystem] as const))(
  '%s says every code in bokmål, nynorsk and English',
  (_name, { concept = [], count }) => {
    expect(concept).toHaveLength(count ?? 0)
    for (const { display, designation } of concept) {
      expect(display).toBeTruthy()
      expect(designation?.map(({ language }) => language)).toEqual(['nn', 'en'])
    }
  },
)

/** Every Coding of a system of ours, wherever it stands in a pathway. */
function codingsIn(value: unknown): { system: string; code: string }[] {
  if (typeof value !== 'object' || value === null) return []
  const { system, code } = value as { system?: unknown; code?: unknown }
  const own =
    typeof system === 'string' && codeSystems.has(system) && typeof code === 'string' ? [{ system, code }] : []
  return [...own, ...Object.values(value).flatMap(codingsIn)]
}

test('pathways use only codes that our code systems have', () => {
  const pathways = join(import.meta.dirname, '../plandefinitions')
  const codings = readdirSync(pathways, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => codingsIn(read(join(pathways, name))))
  expect(codings.length).toBeGreaterThan(4)
  const unknown = codings.filter(
    ({ system, code }) => !codeSystems.get(system)?.concept?.some((known) => known.code === code),
  )
  expect(unknown).toEqual([])
})

test('the colours of the engine are those of the code system, the worst first', () => {
  const concepts = codeSystems.get('http://fylgje.no/fhir/CodeSystem/triage-colour')?.concept ?? []
  expect(concepts.map(({ code }) => code)).toEqual([...COLOURS])
})

test.each([
  ['task-code', TASK_WORDS],
  ['triage-colour', COLOUR_WORDS],
])('what the engine calls the codes of %s is what the code system calls them', (name, words) => {
  const concepts = codeSystems.get(`http://fylgje.no/fhir/CodeSystem/${name}`)?.concept ?? []
  const told = concepts.map(({ code, display, designation = [] }) => [
    code,
    { nb: display, ...Object.fromEntries(designation.map(({ language, value }) => [language, value])) },
  ])
  expect(Object.fromEntries(told)).toEqual(words)
})
