import { hoursOf, isOnShift, namesOf, rolesIn, type Staff, serviceOf } from '../task/staff.ts'
import { isHoliday } from '../time/norwegian-holidays.ts'
import { openIntervals } from '../time/opening-hours.ts'
import { addDays, fromOsloClock, toOsloClock } from '../time/oslo-time.ts'
import type { Arrival, Counts } from './tally.ts'

/** A stretch of time in which a team is at work. */
export type Shift = {
  from: number
  to: number
  /** `weekday 07:00–15:00`: shifts of one kind are added up. */
  kind: string
  /** How many people work in it; undefined where nobody's shifts are known. */
  people?: number
}

/** How many Tasks came in the shifts of one kind. */
export type Spread = { mean: number; variance: number; p95: number; max: number }
export type ShiftLoad = {
  kind: string
  count: number
  hours: number
  /** On average. */
  people?: number
} & { [side in keyof Counts]: Spread }

const NIGHT_DAY_EVENING = [
  { from: 7, to: 15 },
  { from: 15, to: 23 },
  { from: 23, to: 31 },
]

/** A time without a shift that is longer than this is one of which nobody has entered the roster. */
const CLOSED_MILLISECONDS_MAX = 7 * 86_400_000

/**
 * The shifts of a team in a period: those of its people's Schedules; else the opening hours of its HealthcareService; else, of a team
 * of which nothing is known, three shifts of eight hours. Only shifts that begin in the period.
 */
export function shiftsOf(team: string, staff: Staff, { start, end }: { start: Date; end: Date }): Shift[] {
  const rostered = rosteredShifts(team, staff).sort((one, other) => one.from - other.from)
  if (rostered.length === 0) return within(openShifts(team, staff, start, end), start, end)
  // All that came before a roster was begun with, or while there was none, would else be the next shift's.
  const unknown = gapsBetween(rostered, start, end).flatMap(([from, to]) =>
    within(openShifts(team, staff, from, to), from, to).map(({ people: _nobodyKnows, ...shift }): Shift => shift),
  )
  return within([...rostered, ...unknown], start, end)
}

function within(shifts: Shift[], start: Date, end: Date): Shift[] {
  return shifts
    .filter(({ from }) => from >= start.getTime() && from < end.getTime())
    .sort((one, other) => one.from - other.from)
}

function gapsBetween(rostered: Shift[], start: Date, end: Date): [from: Date, to: Date][] {
  const ends = [start.getTime(), ...rostered.map(({ to }) => to)]
  const begins = [...rostered.map(({ from }) => from), end.getTime()]
  return begins.flatMap((begin, i): [Date, Date][] => {
    const over = Number(ends[i])
    return begin - over > CLOSED_MILLISECONDS_MAX ? [[new Date(over), new Date(begin)]] : []
  })
}

const WORKING: ReadonlySet<string> = new Set(['free', 'busy', 'busy-tentative'])

/** Slots of one beginning and end are one shift, of as many people as have them. */
function rosteredShifts(team: string, staff: Staff): Shift[] {
  const names = new Set(staff.roles.filter((role) => isInTeam(role, team, staff)).flatMap(namesOf))
  const own = new Map(
    staff.schedules
      .filter(({ active, actor }) => active !== false && actor.some(({ reference }) => names.has(reference)))
      .map(({ id, actor }) => [`Schedule/${id}`, actor.find(({ reference }) => names.has(reference))?.reference]),
  )
  const working = staff.slots.filter(({ schedule, status }) => own.has(schedule.reference ?? '') && WORKING.has(status))
  const byTime = Map.groupBy(working, ({ start, end }) => `${Date.parse(start)} ${Date.parse(end)}`)
  return [...byTime.values()].flatMap((slots) => {
    const [from, to] = [Date.parse(slots[0]?.start ?? ''), Date.parse(slots[0]?.end ?? '')]
    if (!(from < to)) return []
    const people = new Set(slots.map(({ schedule }) => own.get(schedule.reference ?? ''))).size
    return [{ from, to, kind: kindOf(from, to), people }]
  })
}

/** Whoever works it at any time of the period: who has left it since had their shifts. */
function isInTeam(role: Staff['roles'][number], team: string, { careTeams, ...staff }: Staff): boolean {
  const everybody = careTeams.map(({ participant = [], ...one }) => ({
    ...one,
    participant: participant.map(withoutPeriod),
  }))
  return rolesIn(team, { ...staff, careTeams: everybody, roles: [withoutPeriod(role)] }, new Date(0)).length > 0
}

const withoutPeriod = <T extends { period?: unknown }>({ period: _period, ...rest }: T): Omit<T, 'period'> => rest

function openShifts(team: string, staff: Staff, start: Date, end: Date): Shift[] {
  const isKnown = (serviceOf(team, staff)?.availableTime ?? []).length > 0
  const intervals = isKnown ? [...openIntervals(hoursOf(team, staff), start, end)] : [...eightHours(start, end)]
  return intervals.map(({ from, to }) => {
    const middle = new Date((from + to) / 2)
    const roles = rolesIn(team, staff, middle)
    const people = roles.filter((role) => isOnShift(role, staff, middle)).length
    return { from, to, kind: kindOf(from, to), ...(roles.length > 0 ? { people } : {}) }
  })
}

function* eightHours(start: Date, end: Date): Generator<{ from: number; to: number }> {
  for (let date = toOsloClock(start).date; ; date = addDays(date, 1)) {
    for (const { from, to } of NIGHT_DAY_EVENING) {
      const began = fromOsloClock(date, from * 60).getTime()
      if (began >= end.getTime()) return
      yield { from: began, to: fromOsloClock(date, to * 60).getTime() }
    }
  }
}

function kindOf(from: number, to: number): string {
  const { date, weekday } = toOsloClock(new Date(from))
  const day = weekday === 0 || isHoliday(date) ? 'sunday' : weekday === 6 ? 'saturday' : 'weekday'
  return `${day} ${timeOf(from)}–${timeOf(to)}`
}

/** A day on which a shift of this kind would be, as `kindOf` calls it. */
const KIND = /^(weekday|saturday|sunday) (\d\d):(\d\d)–(\d\d):(\d\d)$/

/** When the shifts of one kind are, of those that begin in a period: whether or not somebody has them. */
export function timesOfKind(kind: string, { start, end }: { start: Date; end: Date }): { from: Date; to: Date }[] {
  const [, , ...clock] = KIND.exec(kind) ?? []
  const [hour = Number.NaN, minute = 0, endHour = 0, endMinute = 0] = clock.map(Number)
  const [begin, finish] = [hour * 60 + minute, endHour * 60 + endMinute]
  const times: { from: Date; to: Date }[] = []
  if (Number.isNaN(begin)) return times
  for (let { date } = toOsloClock(start); fromOsloClock(date, 0) < end; date = addDays(date, 1)) {
    const from = fromOsloClock(date, begin)
    const to = fromOsloClock(finish > begin ? date : addDays(date, 1), finish)
    if (from >= start && from < end && kindOf(from.getTime(), to.getTime()) === kind) times.push({ from, to })
  }
  return times
}

/** How many people of a team work at a moment; undefined where nobody knows who is in it. */
export function peopleAt(team: string, staff: Staff, at: Date): number | undefined {
  if (!staff.roles.some((role) => isInTeam(role, team, staff))) return undefined
  const working = rolesIn(team, staff, at).filter((role) => isOnShift(role, staff, at))
  return new Set(working.map((role) => role.practitioner?.reference ?? role.id)).size
}

function timeOf(at: number): string {
  const { minuteOfDay } = toOsloClock(new Date(at))
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`
}

/** How many Tasks each kind of shift has to deal with; what comes while the team is closed waits for its next shift. */
export function loadOf(shifts: Shift[], arrivals: Arrival[]): ShiftLoad[] {
  const came = shifts.map(() => ({ simulated: 0, actual: 0 }))
  const lastEnd = shifts.at(-1)?.to ?? 0
  for (const { at, side } of arrivals) {
    if (at.getTime() >= lastEnd) continue
    const own = came[shifts.findIndex(({ to }) => to > at.getTime())]
    if (own) own[side] += 1
  }
  const byKind = Map.groupBy(
    shifts.map((shift, i) => ({ shift, came: came[i] ?? { simulated: 0, actual: 0 } })),
    ({ shift }) => shift.kind,
  )
  return [...byKind].map(([kind, all]) => {
    const staffed = all.flatMap(({ shift }) => shift.people ?? [])
    return {
      ...{ kind, count: all.length },
      hours: mean(all.map(({ shift }) => (shift.to - shift.from) / 3_600_000)),
      ...(staffed.length > 0 ? { people: mean(staffed) } : {}),
      simulated: spreadOf(all.map((one) => one.came.simulated)),
      actual: spreadOf(all.map((one) => one.came.actual)),
    }
  })
}

export function spreadOf(values: number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const average = mean(values)
  return {
    mean: average,
    variance: mean(values.map((value) => (value - average) ** 2)),
    p95: sorted[Math.max(0, Math.ceil(0.95 * sorted.length) - 1)] ?? 0,
    max: sorted.at(-1) ?? 0,
  }
}

const mean = (values: number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

/** What a shift would have to deal with, and who would be needed for it. */
export type Expected = { mean: number; p95: number; people?: number }

/** Of a normal distribution, so many standard deviations leave 95 % below. */
const P95_DEVIATIONS = 1.645

/**
 * The same with another number of patients, each of whom causes as much as those of today and independently of the others: the mean
 * and the variance grow with their number, so the peaks grow slower than the mean.
 * @param growth how many times as many patients
 * @param minutesPerTask so that in 19 of 20 shifts the people have time for what comes; without it nobody is counted
 */
export function expectedOf({ simulated, hours }: ShiftLoad, growth: number, minutesPerTask?: number): Expected {
  const average = simulated.mean * growth
  const p95 = Math.max(average, average + P95_DEVIATIONS * Math.sqrt(Math.max(simulated.variance * growth, average)))
  return {
    mean: average,
    p95: average === 0 ? 0 : p95,
    ...(minutesPerTask === undefined || hours === 0
      ? {}
      : { people: average === 0 ? 0 : Math.ceil((p95 * minutesPerTask) / (hours * 60)) }),
  }
}
