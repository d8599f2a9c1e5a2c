import type { Extension, PlanDefinition } from '@medplum/fhirtypes'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'

// What a PlanDefinition says of its own life, in extensions of ours beside `silence-owner` (decide/silence/silence-owner.ts) and `ends-when` (decide/enrolment/ends-when.ts), which the core needs
// too. Profiles: fhir-profiles/fsh/extensions.fsh.
export const ALARM_BUDGET = `${FYLGJE}/StructureDefinition/alarm-budget`
const STAGED_START = `${FYLGJE}/StructureDefinition/staged-start`

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
