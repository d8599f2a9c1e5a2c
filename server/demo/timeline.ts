import { median } from '../core/decide/limits/quantile.ts'
import { addDays, fromOsloClock, toOsloClock } from '../core/decide/time/oslo-time.ts'
import { type Course, createCourse, type Exacerbation, type Vitals } from './course.ts'
import { createRandom, type Random } from './random.ts'
import { DEMO_SEED, type DemoPatient, PLAN_LIMITS } from './roster.ts'

export const DAYS = 90
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** One time at which the patient sat down to measure. */
export type Occasion = {
  at: Date
  vitals: Vitals
  /** A value that the oximeter showed first, on cold fingers; the right one came after some minutes. */
  artefact?: number
  withWeight: boolean
  withTemperature: boolean
  withDiary: boolean
}

export type Timeline = {
  exacerbations: Exacerbation[]
  /** In the order of time; all lie before `now`. */
  occasions: Occasion[]
}

/**
 * A patient's last 90 days of measuring. The same patient and `now` give the same timeline.
 * @param now the last measurement of whoever is not silent lies some minutes to some hours before it
 */
export function timelineOf(patient: DemoPatient, now: Date): Timeline {
  const random = createRandom(DEMO_SEED).fork(patient.slug)
  const today = toOsloClock(now).date
  const from = fromOsloClock(addDays(today, -DAYS), 0)
  const exacerbations = exacerbationsOf(patient, now, random.fork('exacerbations'))
  const course = createCourse(patient.baseline, exacerbations, from, random.fork('course'))

  const last = lastMoment(patient, now, random.fork('last'))
  const earlier = moments(patient, today, random.fork('moments')).filter(
    (at) => at.getTime() < last.getTime() - 3_600_000,
  )
  const habits = random.fork('habits')
  const occasions = earlier.map((at) => occasionAt(at, course, habits))
  // Cold fingers of this week would draw the eye away from what today's list is about.
  for (const occasion of occasions) if (now.getTime() - occasion.at.getTime() < 7 * DAY_MS) delete occasion.artefact
  occasions.push(lastOccasion(patient, last, course))
  if (patient.isUnchanged) for (const name of ['pulse', 'spo2'] as const) holdUsual(occasions, name, now)
  return { exacerbations, occasions }
}

/** Of late, as a review of limits has it, and the weeks that it is held against. */
const LATE_DAYS = 14

/** What chance has moved in the last two weeks is moved back: a review on the first day would else call it a new normal. */
function holdUsual(occasions: Occasion[], name: 'pulse' | 'spo2', now: Date): void {
  const lateFrom = now.getTime() - LATE_DAYS * DAY_MS
  const isLate = ({ at }: Occasion) => at.getTime() >= lateFrom
  const usual = (of: Occasion[]) => {
    const days = Map.groupBy(of, ({ at }) => Math.floor(at.getTime() / DAY_MS))
    return median([...days.values()].map((day) => median(day.map(({ vitals }) => vitals[name]))))
  }
  const moved = Math.round(usual(occasions.filter(isLate)) - usual(occasions.filter((one) => !isLate(one))))
  for (const occasion of occasions)
    if (isLate(occasion)) occasion.vitals = { ...occasion.vitals, [name]: occasion.vitals[name] - moved }
}

/** About one person with COPD in three worsens within a quarter of a year; whose story is of today does so now. */
function exacerbationsOf({ story }: DemoPatient, now: Date, random: Random): Exacerbation[] {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS)
  const shape = () => ({
    riseDays: random.between(2.5, 5),
    plateauDays: random.between(1.5, 4),
    recoveryDays: random.between(6, 12),
    infectious: random.happens(0.6),
  })
  const today = {
    infected: { onset: before(3.5), riseDays: 3, severity: 0.9, infectious: true },
    acute: { onset: before(3), riseDays: 3, severity: 0.75, infectious: false },
    worsening: { onset: before(3), riseDays: 4, severity: 0.5, infectious: false },
    // Long enough at its height that yesterday's diary, or the one before, tells the same.
    symptoms: { onset: before(6), riseDays: 2, severity: 0.4, plateauDays: 8, infectious: true },
    silent: undefined,
    steady: undefined,
  }[story]
  if (today) return [{ ...shape(), ...today }]
  if (!random.happens(0.34)) return []
  const first = { ...shape(), onset: before(random.between(50, 86)), severity: random.between(0.45, 1) }
  if (!random.happens(0.2)) return [first]
  return [first, { ...shape(), onset: before(random.between(22, 28)), severity: random.between(0.4, 0.7) }]
}

/** When the patient measured on the days before: not each day, seldom at the same minute, and not at all on holiday. */
function moments(patient: DemoPatient, today: string, random: Random): Date[] {
  const holidayFrom = random.happens(0.3) ? random.integer(8, DAYS - 8) : undefined
  const holidayDays = random.integer(3, 6)
  const found: Date[] = []
  for (let day = DAYS; day >= 0; day--) {
    const date = addDays(today, -day)
    for (const usual of [patient.morningMinute, patient.eveningMinute]) {
      if (usual === undefined) continue
      const minute = Math.round(random.normal(usual, 14))
      const away = holidayFrom !== undefined && day <= holidayFrom && day > holidayFrom - holidayDays
      // Whoever feels that something is wrong measures: the days before today tell how it began.
      const worried = day < 6 && patient.story !== 'steady' && patient.story !== 'silent'
      if ((!random.happens(patient.adherence) && !worried) || away) continue
      found.push(new Date(fromOsloClock(date, minute).getTime() + random.integer(0, 59) * 1000))
    }
  }
  return found
}

/**
 * Today's measurement at its usual time, or, when the seeding comes before that, shortly before now: whoever is
 * steady has measured today, so that nothing is missing in the first day.
 */
function lastMoment(patient: DemoPatient, now: Date, random: Random): Date {
  if (patient.story === 'silent') return new Date(now.getTime() - random.between(3.2, 4.2) * DAY_MS)
  const usual = fromOsloClock(toOsloClock(now).date, patient.morningMinute).getTime()
  const recent = now.getTime() - random.integer(patient.story === 'steady' ? 12 : 3, 55) * MINUTE_MS
  return new Date(patient.story === 'steady' ? Math.min(usual, recent) : recent)
}

function occasionAt(at: Date, course: Course, random: Random): Occasion {
  const vitals = course(at)
  const { weekday, minuteOfDay } = toOsloClock(at)
  const morning = minuteOfDay < 12 * 60
  const unwell = vitals.burden > 0.12
  return {
    at,
    vitals,
    ...(random.happens(0.006) ? { artefact: random.integer(64, 79) } : {}),
    withWeight: morning && weekday === 1,
    withTemperature: unwell || random.happens(0.03),
    withDiary: morning && (unwell || weekday === 1 || weekday === 3 || weekday === 5),
  }
}

/** The measurement that the worklist of the first day is made of; its values are held to the patient's story. */
function lastOccasion(patient: DemoPatient, at: Date, course: Course): Occasion {
  const { story } = patient
  return {
    at,
    vitals:
      story === 'steady' || story === 'silent' ? steadyVitals(patient, course(at)) : illVitals(patient, course(at)),
    withWeight: false,
    withTemperature: story === 'infected',
    withDiary: story === 'infected' || story === 'symptoms',
  }
}

/** Values that give nobody anything to do: inside the patient's limits, and near what is usual. */
export function steadyVitals({ baseline, limits = PLAN_LIMITS }: DemoPatient, vitals: Vitals): Vitals {
  const spo2 = Math.max(vitals.spo2, limits.yellowBelow + 1, Math.round(baseline.spo2) - 1)
  return {
    ...vitals,
    spo2: Math.min(spo2, 100),
    pulse: clamp(vitals.pulse, 56, 88),
    breathlessness: Math.min(vitals.breathlessness, baseline.breathlessness + 1),
  }
}

/** Each story has its one reason; a pulse outside its limits would be another. */
function illVitals({ story, limits = PLAN_LIMITS }: DemoPatient, vitals: Vitals): Vitals {
  const { yellowBelow, redBelow } = limits
  const pulse = clamp(vitals.pulse, 56, 106)
  if (story === 'infected')
    return { ...vitals, pulse, spo2: redBelow - 4, temperature: Math.max(vitals.temperature, 38.3) }
  if (story === 'acute') return { ...vitals, pulse, spo2: redBelow - 2 }
  if (story === 'worsening') return { ...vitals, pulse, spo2: yellowBelow - 1 }
  return { ...vitals, pulse, spo2: Math.max(vitals.spo2, yellowBelow + 1) }
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
