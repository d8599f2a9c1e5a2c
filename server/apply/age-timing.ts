import type { Age, PlanDefinitionAction } from '@medplum/fhirtypes'
import { addDays, fromOsloClock, toOsloDateTime } from '../decide/oslo-time.ts'
import type { Resource } from '../fhir/resource.ts'

type Timed = Pick<PlanDefinitionAction, 'timingAge' | 'timingRange'>

/**
 * An action that is to be done at an age, as one that is done from the day on which this subject reaches it; who has reached it already
 * is due now. Any other action stays as it is: a Range is counted from when the plan begins, which only the enrolment knows.
 * @throws Error for a subject whose day of birth is not known, and for an Age or Range that is no length of time
 * @see https://hl7.org/fhir/R4/plandefinition-definitions.html#PlanDefinition.action.timing_x_
 */
export function placedByAge<Action extends Timed>(action: Action, subject: Resource, now: Date): Action {
  const { timingAge, ...rest } = action
  if (!timingAge) return action
  const { birthDate } = subject
  if (typeof birthDate !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(birthDate)) {
    throw new Error(
      `its timingAge counts from the birthDate of ${subject.resourceType}/${subject.id}, which is not known to the day`,
    )
  }
  const reached = fromOsloClock(dayOfAge(birthDate, timingAge), 0)
  const start = toOsloDateTime(reached < now ? now : reached)
  return { ...rest, timingPeriod: { start } } as unknown as Action
}

const MONTHS: Readonly<Record<string, number>> = { mo: 1, a: 12 }
const DAYS: Readonly<Record<string, number>> = { d: 1, wk: 7 }

/** By the calendar: months and years as a birthday counts them. Who was born on 29 February reaches it on the 28th where there is none. */
function dayOfAge(birthDate: string, { value = Number.NaN, code, unit }: Age): string {
  const named = code ?? unit ?? ''
  const days = value * (DAYS[named] ?? Number.NaN)
  if (Number.isInteger(days) && days >= 0) return addDays(birthDate, days)
  const months = value * (MONTHS[named] ?? Number.NaN)
  if (!Number.isInteger(months) || months < 0) {
    throw new Error(`its timingAge is not an age in whole a, mo, wk or d: ${value} ${named}`)
  }
  const [year = 0, month = 1, day = 1] = birthDate.split('-').map(Number)
  const ofMonth = month - 1 + months
  const lastDay = new Date(Date.UTC(year, ofMonth + 1, 0)).getUTCDate()
  return new Date(Date.UTC(year, ofMonth, Math.min(day, lastDay))).toISOString().slice(0, 10)
}
