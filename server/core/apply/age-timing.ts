import type { Age, PlanDefinitionAction } from '@medplum/fhirtypes'
import { Temporal } from 'temporal-polyfill'
import { fromOsloClock, toOsloDateTime } from '../decide/time/oslo-time.ts'
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

/** What a calendar can count, and how much of it a unit of age is. */
const CALENDAR: Readonly<Record<string, [count: 'days' | 'months', each: number]>> = {
  ...{ d: ['days', 1], wk: ['days', 7], mo: ['months', 1], a: ['months', 12] },
}

/** By the calendar: months and years as a birthday counts them. Who was born on 29 February reaches it on the 28th where there is none. */
function dayOfAge(birthDate: string, { value = Number.NaN, code, unit }: Age): string {
  const named = code ?? unit ?? ''
  const [count, each] = CALENDAR[named] ?? ['days', Number.NaN]
  const amount = value * each
  if (!Number.isInteger(amount) || amount < 0) {
    throw new Error(`its timingAge is not an age in whole a, mo, wk or d: ${value} ${named}`)
  }
  return Temporal.PlainDate.from(birthDate)
    .add({ [count]: amount })
    .toString()
}
