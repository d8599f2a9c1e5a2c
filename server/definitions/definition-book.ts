import type { Questionnaire, QuestionnaireItem, StructureDefinition } from '@medplum/fhirtypes'
import { cutProfile, type Profile } from './cut-profile.ts'
import type { Definitions } from './definitions.ts'

/** What is stored under one id. */
export type StoredDefinition = { id: string; resource: StructureDefinition }

/** `system|code` of each code; of a value set that is known as a whole. */
export type Codes = ReadonlySet<string>

/**
 * What this server knows beyond R4 itself: the profiles and extensions that are stored in it, and the codes that they bind
 * elements to. In memory, so that validation waits for nobody; `stored-definitions.ts` keeps it up to date.
 */
export type DefinitionBook = {
  /** @param canonical with a version exactly that one, else the newest */
  profile(canonical: string): Profile | undefined
  /** The same for the Questionnaires that are stored. */
  questionnaire(canonical: string): Questionnaire | undefined
  codes(valueSet: string): Codes | undefined
  /** Another number after each change, for those who keep what they have made of it. */
  readonly generation: number
  /** Takes in what is new or has changed, and leaves out what is gone. */
  change(stored: StoredDefinition[], goneIds: string[]): void
  changeQuestionnaires(stored: { id: string; resource: Questionnaire }[], goneIds: string[]): void
  /** Canonicals of the value sets that stored profiles bind elements to, and stored Questionnaires their answers. */
  boundValueSets(): Set<string>
  /** Takes in what they hold; undefined for what cannot be listed here, or not as a whole. */
  takeCodes(codes: ReadonlyMap<string, Codes | undefined>): void
}

/** What is stored comes before what R4 publishes under the same canonical; types of R4 itself cannot be replaced. */
export function createDefinitionBook(definitions: Definitions): DefinitionBook {
  const stored = new Map<string, Profile>()
  let profiles = new Map<string, Profile[]>()
  const asked = new Map<string, Questionnaire>()
  let questionnaires = new Map<string, Questionnaire[]>()
  const codeSets = new Map<string, Codes | undefined>()
  let generation = 0

  return {
    get generation() {
      return generation
    },
    profile: (canonical) => find(profiles, canonical) ?? definitions.profile(canonical),
    questionnaire: (canonical) => find(questionnaires, canonical),
    codes: (valueSet) => codeSets.get(valueSet) ?? definitions.codes(valueSet),
    change(changed, goneIds) {
      for (const id of goneIds) stored.delete(id)
      for (const { id, resource } of changed) {
        // What has no canonical cannot be named, and the definition of a new type is none that R4 has.
        if (resource.url && resource.derivation === 'constraint') stored.set(id, cutProfile(resource))
        else stored.delete(id)
      }
      profiles = byCanonical([...stored.values()])
      generation++
    },
    changeQuestionnaires(changed, goneIds) {
      for (const id of goneIds) asked.delete(id)
      for (const { id, resource } of changed) {
        if (resource.url) asked.set(id, resource)
        else asked.delete(id)
      }
      questionnaires = byCanonical([...asked.values()])
      generation++
    },
    boundValueSets: () =>
      new Set([
        ...[...stored.values()].flatMap(boundBy),
        ...[...asked.values()].flatMap(({ item = [] }) => item.flatMap(answeredFrom)),
      ]),
    takeCodes(codes) {
      for (const [valueSet, set] of codes) codeSets.set(valueSet, set)
      generation++
    },
  }
}

function boundBy({ differential, snapshot }: Profile): string[] {
  return [...differential, ...snapshot].flatMap(({ binding }) =>
    binding?.valueSet && (binding.strength === 'required' || binding.strength === 'extensible')
      ? [binding.valueSet]
      : [],
  )
}

const UNIT_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/questionnaire-unitValueSet'

function answeredFrom({ answerValueSet, extension = [], item = [] }: QuestionnaireItem): string[] {
  const units = extension.flatMap(({ url, valueCanonical }) => (url === UNIT_VALUE_SET ? (valueCanonical ?? []) : []))
  const own = answerValueSet && !answerValueSet.startsWith('#') ? [answerValueSet] : []
  return [...own, ...units, ...item.flatMap(answeredFrom)]
}

/** By canonical without its version, newest first. */
const byCanonical = <T extends { url?: string; version?: string }>(definitions: T[]): Map<string, T[]> =>
  Map.groupBy(
    definitions.toSorted((one, other) => compareVersions(other.version, one.version)),
    ({ url = '' }) => url,
  )

const compareVersions = (one = '', other = '') => one.localeCompare(other, 'en', { numeric: true })

/** The newest, or the newest of the version that the canonical names: `|1.2` is 1.2, or else any 1.2.x. */
function find<T extends { version?: string }>(definitions: Map<string, T[]>, canonical: string): T | undefined {
  const [url = '', wanted] = canonical.split('|')
  const versions = definitions.get(url) ?? []
  if (wanted === undefined) return versions[0]
  return (
    versions.find(({ version }) => version === wanted) ??
    versions.find(({ version }) => version?.startsWith(`${wanted}.`))
  )
}
