import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type {
  CodeSystem,
  ElementDefinition,
  Measure,
  NamingSystem,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'

/** A passing example with one change (a JSON Patch) that must be refused, and every error of that as `code expression`. */
export type FailingExample = {
  example: string
  change: { op: 'add' | 'replace' | 'remove'; path: string; value?: unknown }
  issues: string[]
}

export type Definition = StructureDefinition | ValueSet | CodeSystem | NamingSystem | SearchParameter | Measure

/** What the guide tells of: our definitions as they are built from the FSH, with their snapshots and examples. */
export type GuideDefinitions = {
  all: readonly Definition[]
  ofType<T extends Definition['resourceType']>(type: T): Extract<Definition, { resourceType: T }>[]
  /** @param canonical without a version */
  byUrl(canonical: string): Definition | undefined
  /** The elements of a profile's or extension's snapshot. @throws Error for an id that has none */
  snapshot(id: string): ElementDefinition[]
  /** The profile, then those of ours that it is made from. */
  lineage(profile: StructureDefinition): StructureDefinition[]
  examples: readonly Example[]
  examplesOf(profile: StructureDefinition): Example[]
  failing(example: Example): FailingExample[]
}

/** An example that passes by the profile that it claims, by the name of its file, which is its id. */
export type Example = Resource & { id: string; meta: { profile: string[] } }

const FOLDER = fileURLToPath(new URL('../../fhir-profiles/', import.meta.url))

/** Reads what `npm run profiles` has made. */
export function readGuideDefinitions(folder = FOLDER): GuideDefinitions {
  const all = jsonFiles(join(folder, 'built')) as Definition[]
  const examples = jsonFiles(join(folder, 'examples')) as Example[]
  const failing = readJson(join(folder, 'failing-examples.json')) as FailingExample[]
  const byUrl = new Map(all.flatMap((one) => ('url' in one && one.url ? [[one.url, one]] : [])))
  const lineage = (profile: StructureDefinition): StructureDefinition[] => {
    const base = byUrl.get(profile.baseDefinition ?? '')
    return [profile, ...(base?.resourceType === 'StructureDefinition' ? lineage(base) : [])]
  }
  return {
    all,
    ofType: (type) => all.filter((one) => one.resourceType === type) as never,
    byUrl: (canonical) => byUrl.get(canonical),
    snapshot: (id) => readJson(join(folder, 'snapshots', `${id}.json`)) as ElementDefinition[],
    lineage,
    examples,
    examplesOf: ({ url }) => examples.filter(({ meta }) => meta.profile.includes(String(url))),
    failing: ({ id }) => failing.filter(({ example }) => example === id),
  }
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

const jsonFiles = (folder: string): unknown[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readJson(join(folder, name)))

/** `StructureDefinition-home-spo2`: what its page and its JSON are called, as in the guides of HL7. */
export const fileOf = ({ resourceType, id }: { resourceType: string; id?: string }): string => `${resourceType}-${id}`
