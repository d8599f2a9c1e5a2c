import type { ActivityDefinition, Duration, Extension, PlanDefinitionAction } from '@medplum/fhirtypes'
import { type Colour, SERVICE_LEVEL } from '../plan/vocabulary.ts'
import { after } from '../time/duration.ts'
import { part } from './task-extension.ts'
import { type EscalationStep, MARK_KINDS, toStep } from './task-marks.ts'

/** What is promised of a Task: by when, on which calendar, and what is done when it is late. */
export type ServiceLevel = {
  goalMinutes?: number
  deadlineMinutes: number
  /** After the deadline the Task is called late again, so often. */
  repeatMinutes: number
  repeatCount: number
  /** `opening-hours`: only the hours count in which the team is at work. */
  calendar: 'clock' | 'opening-hours'
  escalation: EscalationStep[]
}

/** When nothing is said by the plan. */
const DEADLINE_MINUTES: Record<Colour, number> = { red: 30, yellow: 8 * 60, grey: 24 * 60, green: 7 * 24 * 60 }

/** More would say nothing new. */
const REPEAT_COUNT_MAX = 20

/**
 * The service level of an action: its own, else its activity's, in the extension `service-level`; what is not said there comes from
 * `timingDuration` and from the default of its colour: the goal half way, and late again once after half as long.
 * @param from when the Task begins
 */
export function serviceLevelOf(
  action: PlanDefinitionAction,
  activity: ActivityDefinition | undefined,
  colour: Colour,
  from: Date,
): ServiceLevel {
  const minutesOf = (duration: Duration | undefined) => minutesAfter(from, duration)
  const minutesIn = (parts: Extension[], url: string) => minutesOf(part(parts, url)?.valueDuration)
  const parts = partsOf(action, activity)
  const given = action.timingDuration ?? activity?.timingDuration
  const deadlineMinutes = minutesIn(parts, 'deadline') ?? minutesOf(given) ?? DEADLINE_MINUTES[colour]
  const goalMinutes = minutesIn(parts, 'goal') ?? (parts.length === 0 ? deadlineMinutes / 2 : undefined)
  const count = part(parts, 'repeat-count')?.valuePositiveInt ?? 1
  return {
    ...(goalMinutes === undefined ? {} : { goalMinutes }),
    deadlineMinutes,
    repeatMinutes: minutesIn(parts, 'repeat') ?? deadlineMinutes / 2,
    repeatCount: Math.min(count, REPEAT_COUNT_MAX),
    calendar: part(parts, 'calendar')?.valueCode === 'opening-hours' ? 'opening-hours' : 'clock',
    escalation: toEscalation(parts),
  }
}

/** What is done when Tasks of an action, else of its activity, are late. */
export const escalationOf = (action: Levelled, activity?: Levelled): EscalationStep[] =>
  toEscalation(partsOf(action, activity))

/** An action or an ActivityDefinition, of which a service level may be said. */
type Levelled = { extension?: Extension[] }

const partsOf = (action: Levelled, activity: Levelled | undefined): Extension[] =>
  levelIn(action)?.extension ?? levelIn(activity)?.extension ?? []

const levelIn = (said: Levelled | undefined): Extension | undefined =>
  said?.extension?.find(({ url }) => url === SERVICE_LEVEL)

/** A month has as many minutes as the one that begins then. */
function minutesAfter(from: Date, duration: Duration | undefined): number | undefined {
  return duration?.value === undefined ? undefined : (after(from.getTime(), duration) - from.getTime()) / 60_000
}

function toEscalation(parts: Extension[]): EscalationStep[] {
  return parts.flatMap(({ url, extension = [] }) => {
    const at = MARK_KINDS.find((kind) => kind === part(extension, 'at')?.valueCode)
    return url === 'escalation' && at ? toStep(extension).map((step) => ({ at, ...step })) : []
  })
}
