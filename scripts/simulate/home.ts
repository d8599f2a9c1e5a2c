import { createCourse, type Exacerbation } from '../../server/demo/course.ts'
import type { Random } from '../../server/demo/random.ts'
import { symptomDiary } from '../../server/demo/symptom-diary.ts'
import { vitalSign } from '../../server/demo/vital-signs.ts'
import type { Measurement } from './messages.ts'
import type { Enrolled } from './patients.ts'

const DAY_MS = 86_400_000
/** A run, however short, is this much of a person's life: long enough for an exacerbation to begin and to be seen. */
const LIFE_DAYS = 6
const DIARY_EVERY = 6

/** One home with its devices: what they send when the patient sits down to measure. */
export type Home = {
  name: string
  worsens: boolean
  /** Whether the phone has no net just now. */
  isOffline(share: number): boolean
  measure(share: number): Measurement[]
}

export type HomeSettings = { patient: Enrolled; worsens: boolean; losesNet: boolean; startedAt: Date; random: Random }

/** All times are given as the share of the run that has passed, 0–1; what is sent bears the time of sending. */
export function openHome({ patient, worsens, losesNet, startedAt, random }: HomeSettings): Home {
  const inLife = (share: number) => new Date(startedAt.getTime() + share * LIFE_DAYS * DAY_MS)
  const exacerbation: Exacerbation = {
    onset: inLife(random.between(0.05, 0.3)),
    riseDays: random.between(1.5, 3),
    plateauDays: 2,
    recoveryDays: 7,
    severity: random.between(0.6, 1),
    infectious: random.happens(0.6),
  }
  const course = createCourse(patient.baseline, worsens ? [exacerbation] : [], startedAt, random.fork('course'))
  const netLostAt = random.between(0.1, 0.5)
  const netBackAt = netLostAt + random.between(0.15, 0.35)
  let occasions = 0
  let lastSecond = 0

  return {
    name: patient.subject.display,
    worsens,
    isOffline: (share) => losesNet && share > netLostAt && share < netBackAt,
    measure(share) {
      // No device measures twice in one second; the message's identifier counts on it.
      lastSecond = Math.max(lastSecond + 1, Math.floor(Date.now() / 1000))
      const at = new Date(lastSecond * 1000)
      const vitals = course(inLife(share))
      const signs = ['spo2', 'pulse', ...(vitals.burden > 0.2 ? (['temperature'] as const) : [])] as const
      const measurements: Measurement[] = signs.map((sign) => vitalSign(patient.subject, sign, at, vitals[sign]))
      if (++occasions % DIARY_EVERY === 0) measurements.push(symptomDiary(patient.subject, at, vitals))
      return measurements.map((measurement) => asSent(measurement, patient.isDemo))
    },
  }
}

/** The server gives the id; the devices of others than the demo's patients are not known to it. */
function asSent(measurement: Measurement, deviceIsKnown: boolean): Measurement {
  const sent = { ...measurement }
  delete sent.id
  if (!deviceIsKnown && sent.resourceType === 'Observation') delete sent.device
  return sent
}
