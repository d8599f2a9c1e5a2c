import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CodeSystem, Extension, NamingSystem, SearchParameter, StructureDefinition } from '@medplum/fhirtypes'
import { POLICY } from '../server/access/policy/policy.ts'
import { ACCESS_ROLE } from '../server/access/vocabulary.ts'
import { AUDIT_CODES } from '../server/audit/codes.ts'
import { COLOURS } from '../server/core/decide/plan/vocabulary.ts'
import {
  COLOUR_WORDS,
  INPUT_WORDS,
  OUTCOME_WORDS,
  OUTPUT_WORDS,
  TASK_WORDS,
} from '../server/core/decide/words/coded-words.ts'
import { translated } from '../server/core/decide/words/translated.ts'
import type { Resource } from '../server/core/fhir/resource.ts'
import { createDefinitionBook } from '../server/definitions/definition-book.ts'
import { type Definitions, loadDefinitions } from '../server/definitions/definitions.ts'
import { withSearchParameters } from '../server/definitions/with-search-parameters.ts'
import { TRIAL_INPUTS } from '../server/lifecycle/alternative/trial-words.ts'
import * as national from '../server/national-numbers/systems.ts'
import { loadPathways, loadProfiles } from '../server/plans/load-pathways.ts'
import { checkSearchParameter } from '../server/search/check-search-parameter.ts'
import { createIndexer } from '../server/search/indexer.ts'
import { createValidator } from '../server/validation/validator.ts'

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const ours = loadProfiles()
const codeSystems = new Map(
  ours.flatMap((one) =>
    one.resourceType === 'CodeSystem' ? [[(one as unknown as CodeSystem).url, one as unknown as CodeSystem]] : [],
  ),
)

/** A definition of ours by its url, written out or by a constant for its beginning; not one whose name is put together. */
const NAMED =
  /(?:FYLGJE\}|http:\/\/fylgje\.no\/fhir)\/(StructureDefinition|CodeSystem|NamingSystem)\/([a-z][a-z0-9-]*[a-z0-9])(?![a-z0-9-])/g

const definitions = loadDefinitions()
const { validate } = createValidator(definitions)
const book = createDefinitionBook(definitions)
book.change(
  ours.flatMap((one) =>
    one.resourceType === 'StructureDefinition'
      ? [{ id: String(one.id), resource: one as unknown as StructureDefinition }]
      : [],
  ),
  [],
)
const { validate: validateOurs } = createValidator(definitions, { source: book })
const EXAMPLES = readdirSync(join(import.meta.dirname, 'examples')).map((name) =>
  read(join(import.meta.dirname, 'examples', name)),
) as Resource[]

test.each(ours.map((resource) => [`${resource.resourceType}/${resource.id}`, resource]))(
  '%s is valid R4',
  (_name, resource) => {
    expect(validate(resource).filter(({ severity }) => severity === 'error')).toEqual([])
  },
)

test('every invariant says what must be true in bokmål, nynorsk and English', () => {
  const rules = ours.flatMap((one) =>
    ((one as unknown as StructureDefinition).differential?.element ?? []).flatMap(({ constraint = [] }) => constraint),
  )
  expect(rules.length).toBeGreaterThan(10)
  for (const rule of rules) {
    const [nb, nn] = (['nb', 'nn'] as const).map((language) => translated(rule, 'human', language))
    // What has no translation is told as it is written, in English.
    expect([rule.key, nb === rule.human, nn === rule.human]).toEqual([rule.key, false, false])
  }
})

/** The texts of a definition that a reader of the guide meets first; R4 gives NamingSystem and SearchParameter no title. */
const TEXTS: Readonly<Record<string, string[]>> = {
  ...Object.fromEntries(
    ['StructureDefinition', 'ValueSet', 'CodeSystem', 'Measure'].map((type) => [type, ['title', 'description']]),
  ),
  ...{ NamingSystem: ['description'], SearchParameter: ['description'] },
}

test('every part of our extensions says what it holds in bokmål, nynorsk and English', () => {
  const extensions = ours.filter(({ type }) => type === 'Extension') as unknown as StructureDefinition[]
  const parts = extensions.flatMap(({ id: own, differential }) =>
    (differential?.element ?? [])
      .filter(({ sliceName, short }) => sliceName && short)
      .map((element) => ({ own: `${own} ${element.id}`, beside: (element as Beside)._short?.extension ?? [] })),
  )
  expect(parts.length).toBeGreaterThan(100)
  const untold = parts.filter(
    ({ beside }) => !['nb', 'nn'].every((language) => beside.some((one) => isIn(one, language))),
  )
  expect(untold.map(({ own }) => own)).toEqual([])
})

type Beside = { _short?: { extension?: Extension[] } }

const isIn = ({ extension = [] }: Extension, language: string): boolean =>
  extension.some(({ url, valueCode }) => url === 'lang' && valueCode === language) &&
  extension.some(({ url, valueString }) => url === 'content' && valueString)

test.each(ours.map((one) => [`${one.resourceType}/${one.id}`, one] as const))(
  '%s says what it is called and what it is for in bokmål, nynorsk and English',
  (_id, definition) => {
    const texts = TEXTS[definition.resourceType] ?? []
    expect(texts).toContain('description')
    for (const name of texts) {
      const { extension = [] } = (definition[`_${name}`] ?? {}) as { extension?: Extension[] }
      const languages = extension.map(({ extension: parts = [] }) => parts[0]?.valueCode)
      // Codes are called by their bokmål; everything else that is said is English, and translated.
      const isNorwegian = name === 'title' && ['ValueSet', 'CodeSystem'].includes(definition.resourceType)
      expect([name, languages]).toEqual([name, isNorwegian ? ['nn', 'en'] : ['nb', 'nn']])
      const said = (['nb', 'nn', 'en'] as const).map((language) => translated(definition, name, language))
      expect(said).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\S/), expect.stringMatching(/\S/)])
      // A whole sentence is never the same in English; a name may be.
      if (name === 'description') expect(said.slice(0, 2)).not.toContain(said[2])
    }
  },
)

test('the national numbers that are judged have a NamingSystem each, under every name by which they are known', () => {
  const named = ours.flatMap((one) =>
    one.resourceType === 'NamingSystem' && one.jurisdiction ? [one as unknown as NamingSystem] : [],
  )
  const systems = new Map(
    named.flatMap(({ uniqueId = [] }) => {
      const system = uniqueId.find(({ preferred }) => preferred)?.value
      return uniqueId.map(({ type, value = '' }) => [type === 'oid' ? `urn:oid:${value}` : value, system] as const)
    }),
  )
  const { OTHER_NAMES, ...numbers } = national
  const judged = Object.values(numbers)
  expect(judged.length).toBeGreaterThan(7)
  expect(judged.filter((system) => !systems.has(system))).toEqual([])
  for (const [other, system] of Object.entries(OTHER_NAMES))
    expect([other, systems.get(other)]).toEqual([other, system.replace('urn:oid:', '')])
})

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

test('whatever of our own stands in code, content or examples is defined here', () => {
  const root = join(import.meta.dirname, '..')
  const files = ['server', 'smart-apps', 'plandefinitions', 'fhir-profiles/examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?<!\.test)\.(?:tsx?|json)$/.test(name) && !name.includes('node_modules'))
      .map((name) => join(root, folder, name)),
  )
  const named = files.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(NAMED)].map(([, kind, name]) => `http://fylgje.no/fhir/${kind}/${name}`),
  )
  expect(new Set(named).size).toBeGreaterThan(90)
  const defined = new Set(
    [...ours, ...loadPathways()].flatMap((one) => {
      const { url, uniqueId } = one as unknown as { url?: string; uniqueId?: NamingSystem['uniqueId'] }
      return [url, ...(uniqueId ?? []).map(({ value }) => value)]
    }),
  )
  expect([...new Set(named)].filter((url) => !defined.has(url))).toEqual([])
})

test('what the audit calls its own kinds of record is what the code system calls them', () => {
  const own = Object.values(AUDIT_CODES).flatMap(({ subtype: { system, code, display } }) =>
    system === 'http://fylgje.no/fhir/CodeSystem/audit-event' ? [[code, display]] : [],
  )
  const words = Object.entries(wordsOf('audit-event')).map(([code, { en }]) => [code, en])
  expect(words).toEqual(own)
})

test('the roles of the access policy are those of the code system', () => {
  const roles = POLICY.roleCodes.flatMap(({ code }) => (code.startsWith(`${ACCESS_ROLE}|`) ? [code.split('|')[1]] : []))
  expect(Object.keys(wordsOf('access-role'))).toEqual(roles)
})

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

test.each(ours.filter(({ resourceType }) => resourceType === 'SearchParameter').map((one) => [String(one.id), one]))(
  'the search parameter %s can take effect, and finds what an example has',
  (_id, resource) => {
    const parameter = resource as unknown as SearchParameter
    expect(checkSearchParameter(definitions, definitions, parameter)).toEqual([])
    const found = withSearchParameters(definitions, [parameter])
    const keysOf = (known: Definitions) =>
      EXAMPLES.flatMap((example) => {
        const { tokens, side } = createIndexer(() => known).index(example)
        return [...tokens, ...Object.values(side).flat()]
      })
    expect(keysOf(found).length).toBeGreaterThan(keysOf(definitions).length)
  },
)

test('the forms of all pathways are forms for a patient', () => {
  const forms = loadPathways().filter(({ resourceType }) => resourceType === 'Questionnaire')
  expect(forms.length).toBeGreaterThan(4)
  const wrong = forms.flatMap((form) =>
    validateOurs(form, 'Questionnaire', { profiles: ['http://fylgje.no/fhir/StructureDefinition/patient-form'] })
      .filter(({ severity }) => severity === 'error')
      .map(({ diagnostics, expression }) => `${form.id} ${expression}: ${diagnostics}`),
  )
  expect(wrong).toEqual([])
})

test('the colours of the engine are those of the code system, the worst first', () => {
  const concepts = codeSystems.get('http://fylgje.no/fhir/CodeSystem/triage-colour')?.concept ?? []
  expect(concepts.map(({ code }) => code)).toEqual([...COLOURS])
})

test.each([
  ['task-code', TASK_WORDS],
  ['task-input', { ...INPUT_WORDS, ...TRIAL_INPUTS }],
  ['task-output', OUTPUT_WORDS],
  ['task-outcome', OUTCOME_WORDS],
  ['triage-colour', COLOUR_WORDS],
])('what the engine calls the codes of %s is what the code system calls them', (name, words) => {
  expect(wordsOf(name)).toEqual(words)
})

/** What each code of a system of ours is called, in each language. */
function wordsOf(name: string): Record<string, Record<string, string>> {
  const concepts = codeSystems.get(`http://fylgje.no/fhir/CodeSystem/${name}`)?.concept ?? []
  const told = concepts.map(({ code, display, designation = [] }) => [
    code,
    { nb: display, ...Object.fromEntries(designation.map(({ language, value }) => [language, value])) },
  ])
  return Object.fromEntries(told)
}
