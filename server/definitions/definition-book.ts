import type { CodeSystem, StructureDefinition, ValueSet } from '@medplum/fhirtypes'
import { cutProfile, type Profile } from './cut-profile.ts'
import type { Definitions } from './definitions.ts'
import { expandCodes } from './expand-codes.ts'

/** The types of stored resources that say what other resources may look like. */
export const DEFINING_TYPES = ['StructureDefinition', 'ValueSet', 'CodeSystem'] as const

/** What is stored under one `Type/id`. */
export type StoredDefinition = { key: string; resource: StructureDefinition | ValueSet | CodeSystem }

/**
 * What this server knows beyond R4 itself: the profiles, extensions, value sets and code systems that are stored in it.
 * In memory, so that validation waits for nobody; `stored-definitions.ts` keeps it up to date.
 */
export type DefinitionBook = {
  /** @param canonical with a version exactly that one, else the newest */
  profile(canonical: string): Profile | undefined
  codes(valueSet: string): ReadonlySet<string> | undefined
  /** Another number after each change, for those who keep what they have made of it. */
  readonly generation: number
  /** Takes in what is new or has changed, and leaves out what is gone. */
  change(stored: StoredDefinition[], goneKeys: string[]): void
}

type Entry = {
  canonical: string
  version: string | undefined
  profile?: Profile
  valueSet?: ValueSet
  codeSystem?: CodeSystem
}

/** What is stored comes before what R4 publishes under the same canonical; types of R4 itself cannot be replaced. */
export function createDefinitionBook(definitions: Definitions): DefinitionBook {
  const entries = new Map<string, Entry>()
  let profiles = new Map<string, Entry[]>()
  let valueSets = new Map<string, Entry[]>()
  let codeSystems = new Map<string, Entry[]>()
  const codeSets = new Map<string, ReadonlySet<string> | undefined>()
  let generation = 0

  const terminology = {
    valueSet: (canonical: string) => find(valueSets, canonical)?.valueSet,
    codeSystem: (canonical: string) => find(codeSystems, canonical)?.codeSystem,
  }

  return {
    get generation() {
      return generation
    },
    profile: (canonical) => find(profiles, canonical)?.profile ?? definitions.profile(canonical),
    codes(valueSet) {
      if (!find(valueSets, valueSet)) return definitions.codes(valueSet)
      if (!codeSets.has(valueSet)) codeSets.set(valueSet, expandCodes(valueSet, terminology))
      return codeSets.get(valueSet)
    },
    change(stored, goneKeys) {
      for (const key of goneKeys) entries.delete(key)
      for (const { key, resource } of stored) {
        const entry = toEntry(resource)
        if (entry) entries.set(key, entry)
        else entries.delete(key)
      }
      const all = [...entries.values()]
      profiles = byCanonical(all.filter(({ profile }) => profile))
      valueSets = byCanonical(all.filter(({ valueSet }) => valueSet))
      codeSystems = byCanonical(all.filter(({ codeSystem }) => codeSystem))
      codeSets.clear()
      generation++
    },
  }
}

/** A definition without a canonical cannot be named, and the definition of a new type is none that R4 has. */
function toEntry(resource: StoredDefinition['resource']): Entry | undefined {
  const { url, version } = resource
  if (url === undefined) return undefined
  switch (resource.resourceType) {
    case 'StructureDefinition':
      return resource.derivation === 'constraint'
        ? { canonical: url, version, profile: cutProfile(resource) }
        : undefined
    case 'ValueSet': {
      const { resourceType, status, compose, expansion } = resource
      return { canonical: url, version, valueSet: { resourceType, status, compose, expansion } }
    }
    case 'CodeSystem': {
      const { resourceType, status, content, concept } = resource
      return { canonical: url, version, codeSystem: { resourceType, status, content, concept } }
    }
  }
}

/** By canonical without its version, newest first. */
const byCanonical = (entries: Entry[]): Map<string, Entry[]> =>
  Map.groupBy(
    entries.toSorted((one, other) => compareVersions(other.version, one.version)),
    ({ canonical }) => canonical,
  )

const compareVersions = (one = '', other = '') => one.localeCompare(other, 'en', { numeric: true })

/** The newest, or the newest of the version that the canonical names: `|1.2` is 1.2, or else any 1.2.x. */
function find(entries: Map<string, Entry[]>, canonical: string): Entry | undefined {
  const [url = '', wanted] = canonical.split('|')
  const versions = entries.get(url) ?? []
  if (wanted === undefined) return versions[0]
  return (
    versions.find(({ version }) => version === wanted) ??
    versions.find(({ version }) => version?.startsWith(`${wanted}.`))
  )
}
