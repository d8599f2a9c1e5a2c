import type { CarePlan, Timing, TimingRepeat, TriggerDefinition } from '@medplum/fhirtypes'
import { Refusal, refuse } from '../../fhir/outcome.ts'
import { ownDay } from '../schedule/own-day.ts'
import { type Length, milliseconds, after as momentAfter } from '../time/duration.ts'
import { boundsOf } from '../timing/bounds.ts'
import { type DayTimes, NORWEGIAN_DAY } from '../timing/day-times.ts'
import { expandTiming } from '../timing/expand-timing.ts'
import { parseDateTime } from '../timing/wall-clock.ts'
import type { PlanProblem } from './plan-problem.ts'

/**
 * When a rule with a periodic trigger rings for one enrolment. All moments are milliseconds since 1970; undefined is never again.
 * `heard` is when the newest of what the clock waits for came (`timer-since`), -Infinity where nothing did.
 */
export type RuleClock = {
  /** When it first rings, for somebody who is enrolled at `now` or comes back then. */
  starts(now: number, heard: number): number | undefined
  /** When a timer that was set for `due` really rings: then, or later for what came meanwhile or what the Timing says by now. */
  rings(due: number, heard: number): number | undefined
  /** When it rings after it has rung at `rung`: after `now`, for what was slept through is not made up for. */
  next(rung: number, now: number): number | undefined
}

/** Where the moments of one enrolment are counted from, and the marks of its person's day. */
type Ground = {
  start: string
  /** When the enrolment began; -Infinity where it does not say. */
  enrolled: number
  dayTimes: DayTimes
}

const DAY_MILLISECONDS = 86_400_000

/** What a trigger's `timing[x]` says, as a Timing: a date or a dateTime is one event. undefined for a Schedule, or nothing. */
export function timingOf({ timingTiming, timingDateTime, timingDate }: TriggerDefinition): Timing | undefined {
  const event = timingDateTime ?? timingDate
  return timingTiming ?? (event === undefined ? undefined : { event: [event] })
}

/**
 * The clock of one enrolment by the Timing of a periodic trigger. A period alone (within bounds, where there are some) is how long
 * the clock waits: since the enrolment, or since what it waits for. Any other Timing plans its moments as a schedule's does, by the
 * wall clock and the marks of the person's own day.
 * @param path FHIRPath of the trigger's timing, for refusals
 * @throws Refusal `required`, `value`, `invalid` or `not-supported`, with the element, for a Timing that gives no moment
 * @see http://hl7.org/fhir/R4/metadatatypes.html#TriggerDefinition
 */
function ruleClock(timing: Timing | undefined, ground: Ground, path = 'TriggerDefinition.timing'): RuleClock {
  if (!timing)
    throw refuse('required', 'The trigger says no time; expected timingTiming, timingDate or timingDateTime', path)
  const period = periodAlone(timing)
  const { clock, isEver } =
    period === undefined ? planned(timing, ground, path) : waiting(period, boundsOfWait(timing, ground, path))
  if (!isEver && !isOver(timing, ground, path)) {
    throw refuse('business-rule', `The Timing has no moment, counted from ${ground.start}`, path)
  }
  return clock
}

/** `isEver`: there is a moment at all, though it may be before this enrolment. */
type Found = { clock: RuleClock; isEver: boolean }

/** Whose clock it is: an enrolment, and for a rule of a stage since when the patient is in that. */
export type Enrolled = { carePlan: CarePlan; stageSince?: string | undefined }

/**
 * Of an enrolment: see ruleClock. Its start is the CarePlan's; one that says none is counted from when it was made. A rule of a stage
 * counts from when the stage began: what came before it was nothing that the stage waited for.
 */
export function clockOfEnrolment(timing: Timing | undefined, { carePlan, stageSince }: Enrolled, now: Date): RuleClock {
  const { period, created, meta } = carePlan
  const began = stageSince ?? period?.start
  const start = began ?? created ?? meta?.lastUpdated ?? now.toISOString()
  const enrolled = began === undefined ? Number.NEGATIVE_INFINITY : Date.parse(began)
  return ruleClock(timing, { start, enrolled, dayTimes: ownDay(carePlan) })
}

/**
 * The clock of a Timing that gives no moment: it rings at once and each day, so that the team is told that its rule is never looked
 * at, and so that the enrolment is there when the plan is mended.
 */
export const BROKEN: RuleClock = {
  starts: (now) => now,
  rings: (due) => due,
  next: (_rung, now) => now + DAY_MILLISECONDS,
}

/** What a Timing may say beside a period without saying when; bounds say only for how long. */
const SAYS_WHEN = [
  'periodMax',
  'frequencyMax',
  'dayOfWeek',
  'timeOfDay',
  'when',
  'count',
  'countMax',
] as const satisfies (keyof TimingRepeat)[]

/** How long the clock of such a Timing waits; undefined where it plans its moments otherwise. */
export function periodAlone({ repeat, event }: Timing): Length | undefined {
  const { period, periodUnit, frequency = 1 } = repeat ?? {}
  if (!repeat || period === undefined || !(period > 0) || !periodUnit || frequency !== 1 || event?.length)
    return undefined
  if (SAYS_WHEN.some((element) => repeat[element] !== undefined)) return undefined
  return { value: period, code: periodUnit }
}

/** Bounds that were over before this person was enrolled are nothing wrong with the Timing. */
function isOver(timing: Timing, { start, dayTimes: { zone } }: Ground, path: string): boolean {
  const end = timing.repeat?.boundsPeriod?.end
  return end !== undefined && parseDateTime(end, zone, path).until <= parseDateTime(start, zone, path).from
}

type WaitBounds = { from: number; until: number }

function boundsOfWait(timing: Timing, { start, enrolled, dayTimes }: Ground, path: string): WaitBounds {
  const { boundsPeriod, boundsDuration, boundsRange } = timing.repeat ?? {}
  if (!boundsPeriod && !boundsDuration && !boundsRange) return { from: enrolled, until: Number.POSITIVE_INFINITY }
  const { from, until } = boundsOf(timing, start, dayTimes.zone, path)
  return { from: boundsPeriod?.start ? Math.max(enrolled, from) : enrolled, until }
}

function waiting(period: Length, { from, until }: WaitBounds): Found {
  const within = (at: number) => (at < until ? at : undefined)
  const clock: RuleClock = {
    starts(now, heard) {
      const since = Math.max(heard, from)
      return within(Math.max(momentAfter(Number.isFinite(since) ? since : now, period), now))
    },
    rings: (due, heard) => within(Number.isFinite(heard) ? Math.max(due, momentAfter(heard, period)) : due),
    next: (rung, now) => within(nextAfter(rung, period, now)),
  }
  return { clock, isEver: !Number.isFinite(from) || momentAfter(from, period) < until }
}

/** The first whole number of periods after `rung` that is later than `now`. */
function nextAfter(rung: number, { value = 0, ...unit }: Length, now: number): number {
  const at = (times: number) => momentAfter(rung, { value: value * times, ...unit })
  // The mean length is near; a calendar is at most a few steps off.
  let times = Math.max(1, Math.floor((now - rung) / milliseconds({ value, ...unit })))
  while (times > 1 && at(times - 1) > now) times -= 1
  while (at(times) <= now) times += 1
  return at(times)
}

function planned(timing: Timing, { start, enrolled, dayTimes }: Ground, path: string): Found {
  const expanded = expandTiming(timing, { start, dayTimes, path })
  const firstAfter = (moment?: Date): number | undefined => {
    for (const { at, isOptional } of expanded.after(moment)) {
      // What may be done but need not is nothing that a clock would ring for.
      if (!isOptional) return at.getTime()
    }
    return undefined
  }
  const after = (moment: number) => firstAfter(new Date(Math.max(moment, enrolled - 1)))
  /** What came since the moment before counts for this one; what came before the enrolment counts for none. */
  const unanswered = (moment: number, heard: number): number | undefined => {
    if (heard < enrolled || !Number.isFinite(heard)) return after(moment)
    const answered = after(heard)
    return answered === undefined ? undefined : after(Math.max(moment, answered))
  }
  const clock: RuleClock = {
    starts: unanswered,
    rings: (due, heard) => unanswered(due - 1, heard),
    next: (_rung, now) => after(now),
  }
  return { clock, isEver: firstAfter() !== undefined }
}

/**
 * Why a Timing would ring for nobody, or not for those who are enrolled on some day of the week; empty when it rings for all.
 * @param path FHIRPath of the trigger
 */
export function problemsOfTiming(trigger: TriggerDefinition, path: string): PlanProblem[] {
  const at = `${path}.timing`
  for (const start of A_WEEK) {
    try {
      ruleClock(timingOf(trigger), { start, enrolled: Date.parse(start), dayTimes: NORWEGIAN_DAY }, at)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return error.issues.map(({ diagnostics, expression }) => ({ diagnostics, expression: expression?.[0] ?? at }))
    }
  }
  return []
}

/** One start on each day of the week, before any bounds that a plan may have. */
const A_WEEK = ['05', '06', '07', '08', '09', '10', '11'].map((day) => `1970-01-${day}T12:00:00Z`)
