import type { Observation } from '@medplum/fhirtypes'
import { addDays, fromOsloClock, toOsloClock } from '../core/decide/time/oslo-time.ts'
import { createCourse } from './course.ts'
import { createRandom } from './random.ts'
import { DEMO_SEED, type DemoPatient, subjectOf } from './roster.ts'
import { steadyVitals } from './timeline.ts'
import { DEVICE_MESSAGE_SYSTEM, vitalSign } from './vital-signs.ts'

/** After a longer time nobody looks at every day of it. */
const DAYS_MAX = 90

/** Norwegian dates after the one and up to the other, the newest first. */
export function datesSince(from: Date, now: Date): string[] {
  const first = toOsloClock(from).date
  const dates: string[] = []
  for (let date = toOsloClock(now).date; date > first && dates.length < DAYS_MAX; date = addDays(date, -1))
    dates.push(date)
  return dates
}

/** What the id of a day's measurement is: whether it is there tells whether the day has been made. */
export const dayId = ({ slug }: DemoPatient, date: string, sign: string) => `demo-${slug}-${sign}-day-${date}`

/**
 * One day of a patient's measuring after the demo was seeded: a quiet one, so that a demo that is started again a week later
 * has neither 50 missing measurements nor a flood of Tasks of days that are gone.
 */
export function dayOf(patient: DemoPatient, date: string, now: Date): Observation[] {
  const random = createRandom(DEMO_SEED).fork(`${patient.slug}/${date}`)
  const usual = fromOsloClock(date, patient.morningMinute).getTime() + random.integer(-600, 600) * 1000
  const at = new Date(Math.min(usual, now.getTime() - random.integer(5, 55) * 60_000))
  const vitals = steadyVitals(patient, createCourse(patient.baseline, [], at, random)(at))
  const signs = toOsloClock(at).weekday === 1 ? (['spo2', 'pulse', 'weight'] as const) : (['spo2', 'pulse'] as const)
  return signs.map((sign) => {
    const id = dayId(patient, date, sign)
    const identifier = [{ system: DEVICE_MESSAGE_SYSTEM, value: id }]
    return { ...vitalSign(subjectOf(patient), sign, at, vitals[sign]), id, identifier }
  })
}
