import type {
  AllergyIntolerance,
  CarePlan,
  CodeableConcept,
  Condition,
  MedicationStatement,
  Parameters,
} from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import { operationOn, parameterIn, reactionsOf, wordsOf } from './looked-up.ts'

/** In the order in which they are shown: what can harm first. */
export const JOURNAL_PARTS = ['AllergyIntolerance', 'MedicationStatement', 'Condition', 'CarePlan'] as const
export type JournalPart = (typeof JOURNAL_PARTS)[number]
export type JournalResource = AllergyIntolerance | MedicationStatement | Condition | CarePlan

/** @property missing parts that could not be had @property incomplete parts of which something came that is not shown @property ofOthersCount what said that it is somebody else's, and is not shown */
export type FoundInJournal = {
  organization: string
  found: JournalResource[]
  hasMore: boolean
  ofOthersCount: number
  missing: JournalPart[]
  incomplete: JournalPart[]
}

/** Organisation numbers of those whose EHR the clinician can look in. Asks this server alone; another server has no such operation. */
export async function readJournals(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<string[]> {
  const { parameter = [] } = await fhir.operation<Parameters>(operationOn(patient, 'journal-status'), undefined, {
    signal,
  })
  return parameter.flatMap(({ name, valueString }) => (name === 'organization' && valueString ? [valueString] : []))
}

export async function lookInJournal(fhir: FhirClient, patient: string, organization: string): Promise<FoundInJournal> {
  const given = [{ name: 'organization', valueString: organization }]
  return toFoundInJournal(await fhir.operation<Parameters>(operationOn(patient, 'journal'), given))
}

export function toFoundInJournal({ parameter = [] }: Parameters): FoundInJournal {
  const of = (name: string) => parameter.filter((one) => one.name === name)
  return {
    organization: of('organization')[0]?.valueString ?? '',
    found: of('found').flatMap(({ resource }) => (resource ? [resource as JournalResource] : [])),
    hasMore: of('more')[0]?.valueBoolean ?? false,
    ofOthersCount: of('of-others')[0]?.valueInteger ?? 0,
    missing: of('missing').flatMap(({ part }) => partsOf(parameterIn(part, 'part')?.valueCode)),
    incomplete: of('incomplete').flatMap(({ valueCode }) => partsOf(valueCode)),
  }
}

const partsOf = (code: string | undefined): JournalPart[] => JOURNAL_PARTS.filter((one) => one === code)

/** What it is, in the EHR's own words. */
export function titleOf(one: JournalResource): string {
  if (one.resourceType === 'CarePlan') return one.title ?? wordsOf(one.category?.[0]) ?? one.description ?? '–'
  if (one.resourceType !== 'MedicationStatement') return wordsOf(one.code) ?? '–'
  const { medicationCodeableConcept: concept, medicationReference: reference, contained = [] } = one
  const medicine = contained.find(({ id }) => id !== undefined && reference?.reference === `#${id}`)
  const named = medicine?.resourceType === 'Medication' ? wordsOf(medicine.code) : undefined
  return wordsOf(concept) ?? reference?.display ?? named ?? '–'
}

/** What belongs to it: how a medicine is taken, how a reaction showed, what a plan holds. */
export function detailsOf(one: JournalResource): string[] {
  switch (one.resourceType) {
    case 'AllergyIntolerance':
      return reactionsOf(one)
    case 'MedicationStatement':
      return (one.dosage ?? []).flatMap(({ text }) => text ?? [])
    case 'CarePlan':
      return (one.activity ?? []).flatMap(({ detail }) => detail?.description ?? wordsOf(detail?.code) ?? [])
    default:
      return []
  }
}

/** Since when, where it says so: a date, or a time. */
export function sinceOf(one: JournalResource): string | undefined {
  switch (one.resourceType) {
    case 'CarePlan':
      return one.period?.start ?? one.created
    case 'MedicationStatement':
      return one.effectivePeriod?.start ?? one.effectiveDateTime ?? one.dateAsserted
    default:
      return one.onsetDateTime ?? one.recordedDate
  }
}

const codesOf = (concept: CodeableConcept | undefined): string[] =>
  (concept?.coding ?? []).flatMap(({ code }) => code ?? [])

/** What it is that is not simply so now: shown, and said to be. A name of JOURNAL_TEXTS. */
export type JournalStatus = 'refuted' | 'unconfirmed' | 'over' | 'onHold' | 'intended'

/** By the status of a plan and of a medicine. A statement that a medicine is not taken is no medicine that is. */
const BY_STATUS: Readonly<Record<string, JournalStatus>> = {
  ...{ completed: 'over', revoked: 'over', stopped: 'over', 'not-taken': 'over' },
  ...{ 'on-hold': 'onHold', intended: 'intended', draft: 'intended' },
}
const UNCONFIRMED = ['unconfirmed', 'provisional', 'differential']
const OVER = ['inactive', 'resolved', 'remission']

export function statusesOf(one: JournalResource): JournalStatus[] {
  if (one.resourceType === 'CarePlan' || one.resourceType === 'MedicationStatement') {
    const status = Object.hasOwn(BY_STATUS, one.status) ? BY_STATUS[one.status] : undefined
    return status ? [status] : []
  }
  const verified = codesOf(one.verificationStatus)
  const isOver = codesOf(one.clinicalStatus).some((code) => OVER.includes(code)) || hasAbated(one)
  return [
    ...(verified.includes('refuted') ? (['refuted'] as const) : []),
    ...(verified.some((code) => UNCONFIRMED.includes(code)) ? (['unconfirmed'] as const) : []),
    ...(isOver ? (['over'] as const) : []),
  ]
}

/** A diagnosis may say when it was over, and nothing else of it. */
const hasAbated = (one: AllergyIntolerance | Condition): boolean =>
  one.resourceType === 'Condition' && Object.keys(one).some((name) => /^_?abatement[A-Z]/.test(name))

/** What is said of a part beside what is shown of it. That nothing is registered is never said of what did not come, or is not shown. */
export function wordOf(
  part: JournalPart,
  { found, missing, incomplete }: FoundInJournal,
): 'partMissing' | 'partIncomplete' | 'none' | undefined {
  if (missing.includes(part)) return 'partMissing'
  if (incomplete.includes(part)) return 'partIncomplete'
  return found.some(({ resourceType }) => resourceType === part) ? undefined : 'none'
}
