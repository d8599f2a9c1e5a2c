import type {
  HealthcareServiceAvailableTime,
  HealthcareServiceNotAvailable,
  PractitionerRoleAvailableTime,
  PractitionerRoleNotAvailable,
} from '@medplum/fhirtypes'
import { isHoliday } from './norwegian-holidays.ts'
import { addDays, fromOsloClock, toOsloClock } from './oslo-time.ts'

/** When a team, or a person, is at work; clocks of Norway. */
export type OpeningHours = {
  /** By weekday (0 is Sunday), minutes since midnight; a shift that ends after midnight ends beyond 1440. */
  week: { from: number; to: number }[][]
  /** Closed all the same: holidays of the team, renovation. Milliseconds. */
  closed: { from: number; to: number }[]
}

const DAY_MINUTES = 24 * 60
const MINUTE = 60_000
/** Who is closed for longer than this is closed for good. */
const DAY_COUNT_MAX = 800

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const WHOLE_DAY = { from: 0, to: DAY_MINUTES }

export const ALWAYS_OPEN: OpeningHours = { week: DAYS.map(() => [WHOLE_DAY]), closed: [] }

/**
 * The hours of a HealthcareService or a PractitionerRole. Without any `availableTime` it is open day and night. A public holiday
 * has the hours of a Sunday, as Norwegian services do; `notAvailable` closes beside that.
 * @see https://hl7.org/fhir/R4/healthcareservice-definitions.html#HealthcareService.availableTime
 */
export function openingHoursOf(given: {
  availableTime?: (HealthcareServiceAvailableTime | PractitionerRoleAvailableTime)[]
  notAvailable?: (HealthcareServiceNotAvailable | PractitionerRoleNotAvailable)[]
}): OpeningHours {
  const { availableTime = [], notAvailable = [] } = given
  const closed = notAvailable.flatMap(({ during }) => (during ? [toInterval(during)] : []))
  if (availableTime.length === 0) return { ...ALWAYS_OPEN, closed }
  const week = DAYS.map((day) =>
    availableTime.filter(({ daysOfWeek }) => !daysOfWeek?.length || daysOfWeek.some((one) => one === day)).map(toHours),
  )
  return { week, closed }
}

function toHours({ allDay, availableStartTime, availableEndTime }: HealthcareServiceAvailableTime) {
  if (allDay) return WHOLE_DAY
  const from = minutesOf(availableStartTime) ?? 0
  const to = minutesOf(availableEndTime) ?? DAY_MINUTES
  return { from, to: to > from ? to : to + DAY_MINUTES }
}

function minutesOf(time: string | undefined): number | undefined {
  const [hours, minutes] = (time ?? '').split(':').map(Number)
  return hours === undefined || minutes === undefined || Number.isNaN(hours + minutes)
    ? undefined
    : hours * 60 + minutes
}

/** A Period of days includes its last day; one of instants ends at the instant. */
function toInterval({ start, end }: { start?: string; end?: string }) {
  return {
    from: start === undefined ? Number.NEGATIVE_INFINITY : beginOf(start),
    to: end === undefined ? Number.POSITIVE_INFINITY : endOf(end),
  }
}

/** Whether a moment lies in a Period; without one it does. */
export function isWithin(period: { start?: string; end?: string } | undefined, at: Date): boolean {
  const { from, to } = toInterval(period ?? {})
  return from <= at.getTime() && at.getTime() < to
}

const isInstant = (text: string) => text.includes('T')

const beginOf = (text: string): number =>
  isInstant(text) ? Date.parse(text) : fromOsloClock(firstDay(text), 0).getTime()

function endOf(text: string): number {
  if (isInstant(text)) return Date.parse(text)
  const [year = 0, month] = text.split('-').map(Number)
  if (text.length === 4) return fromOsloClock(`${year + 1}-01-01`, 0).getTime()
  if (text.length === 7 && month) {
    return fromOsloClock(
      month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, '0')}-01`,
      0,
    ).getTime()
  }
  return fromOsloClock(addDays(text, 1), 0).getTime()
}

/** `2026` and `2026-05` begin with their first day. */
const firstDay = (text: string) => `${text}-01-01`.slice(0, 10)

export function isOpenAt(hours: OpeningHours, at: Date): boolean {
  const [first] = openFrom(hours, at)
  return first !== undefined && first.from <= at.getTime()
}

/**
 * The moment at which the team has been open for so many minutes since `from`; with 0 minutes, `from` itself or the next opening.
 * @returns undefined when it does not open again
 */
export function addOpenMinutes(hours: OpeningHours, from: Date, minutes: number): Date | undefined {
  let left = minutes * MINUTE
  for (const open of openFrom(hours, from)) {
    if (open.to - open.from >= left) return new Date(open.from + left)
    left -= open.to - open.from
  }
  return undefined
}

/** When the team is open between two moments, as intervals in order; the last may end after `to`. */
export function* openIntervals(hours: OpeningHours, from: Date, to: Date): Generator<{ from: number; to: number }> {
  for (const interval of openFrom(hours, from)) {
    if (interval.from >= to.getTime()) return
    yield interval
  }
}

/** The open intervals from a moment on, in order; none overlaps another. The first begins at `at`, if it is open then. */
function* openFrom({ week, closed }: OpeningHours, at: Date): Generator<{ from: number; to: number }> {
  // Yesterday too, for its night shift may still be going on.
  const firstDate = addDays(toOsloClock(at).date, -1)
  let counted = at.getTime()
  for (let day = 0; day < DAY_COUNT_MAX; day++) {
    const date = addDays(firstDate, day)
    const weekday = isHoliday(date) ? 0 : new Date(date).getUTCDay()
    const ofDay = (week[weekday] ?? []).map(({ from, to }) => ({
      from: fromOsloClock(date, from).getTime(),
      to: fromOsloClock(date, to).getTime(),
    }))
    for (const interval of ofDay.sort((one, other) => one.from - other.from)) {
      for (const open of without(interval, closed)) {
        const from = Math.max(open.from, counted)
        if (open.to <= from) continue
        counted = open.to
        yield { from, to: open.to }
      }
    }
  }
}

/** What is left of an interval, in order, when others are taken from it. */
function without(interval: { from: number; to: number }, closed: OpeningHours['closed']): OpeningHours['closed'] {
  return closed.reduce(
    (left, cut) =>
      left.flatMap(({ from, to }) =>
        [
          { from, to: Math.min(to, cut.from) },
          { from: Math.max(from, cut.to), to },
        ].filter((part) => part.to > part.from),
      ),
    [interval],
  )
}
