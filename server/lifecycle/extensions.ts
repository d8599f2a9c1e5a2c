import type { CodeableConcept, Duration, Extension, PlanDefinition, Reference } from '@medplum/fhirtypes'
import { FYLGJE } from '../decide/vocabulary.ts'

// What a PlanDefinition says of its own life, in extensions of ours. Profiles: fhir-profiles/structure-definition-*.json.
export const SILENCE_OWNER = `${FYLGJE}/StructureDefinition/silence-owner`
export const ALARM_BUDGET = `${FYLGJE}/StructureDefinition/alarm-budget`
export const STAGED_START = `${FYLGJE}/StructureDefinition/staged-start`
export const ENDS_WHEN = `${FYLGJE}/StructureDefinition/ends-when`

/** The ways in which nothing can happen, told apart. Each is somebody's, and each has a time after which it is told. */
export const SILENCES = ['not-measured', 'not-sent', 'not-evaluated', 'not-opened', 'not-decided'] as const
export type Silence = (typeof SILENCES)[number]

export type SilenceOwner = { silence: Silence; owner: CodeableConcept | Reference; after: Duration }

/** Who is told of which silence, and after how long. What is incomplete is nobody's. */
export function silenceOwnersOf({ extension }: Pick<PlanDefinition, 'extension'>): SilenceOwner[] {
  return (extension ?? []).flatMap((one) => {
    if (one.url !== SILENCE_OWNER) return []
    const silence = SILENCES.find((code) => code === partOf(one, 'silence')?.valueCode)
    const part = partOf(one, 'owner')
    const owner = part?.valueCodeableConcept ?? part?.valueReference
    const after = partOf(one, 'after')?.valueDuration
    return silence && owner && after?.value ? [{ silence, owner, after }] : []
  })
}

export type AlarmBudget = {
  /** At most so many Tasks per 100 days of one patient. */
  tasksPer100PatientDays?: number | undefined
  /** At least so many of 100 Tasks lead to something. */
  actedOnPercent?: number | undefined
}

export function alarmBudgetOf({ extension }: Pick<PlanDefinition, 'extension'>): AlarmBudget | undefined {
  const found = extension?.find(({ url }) => url === ALARM_BUDGET)
  if (!found) return undefined
  return {
    tasksPer100PatientDays: partOf(found, 'tasksPer100PatientDays')?.valueDecimal,
    actedOnPercent: partOf(found, 'actedOnPercent')?.valueDecimal,
  }
}

/** How many percent of the patients a version is in force for; 100 when it says nothing. */
export function shareOf({ extension }: { extension?: Extension[] | undefined }): number {
  return extension?.find(({ url }) => url === STAGED_START)?.valueInteger ?? 100
}

/** The plan in force for this share of the patients; for all of them nothing is said. */
export function withShare(plan: PlanDefinition, share: number): PlanDefinition {
  const { extension, ...rest } = plan
  const others = (extension ?? []).filter(({ url }) => url !== STAGED_START)
  const all = share >= 100 ? others : [...others, { url: STAGED_START, valueInteger: share }]
  return { ...rest, ...(all.length > 0 ? { extension: all } : {}) }
}

const partOf = ({ extension }: Extension, url: string): Extension | undefined =>
  extension?.find((part) => part.url === url)
