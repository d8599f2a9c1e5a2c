import type { Random } from './random.ts'

const DAY_MS = 86_400_000

/** What is usual for one person at rest; everything else is a deviation from it. */
export type Baseline = {
  /** % */
  spo2: number
  /** beats per minute */
  pulse: number
  /** kg */
  weight: number
  /** Cel */
  temperature: number
  /** 0–10 */
  breathlessness: number
  relieverPuffs: number
}

/** One worsening of the lungs: it builds up over days, stays, and fades. */
export type Exacerbation = {
  onset: Date
  riseDays: number
  plateauDays: number
  recoveryDays: number
  /** 0–1; 1 takes about eight percentage points of SpO2 */
  severity: number
  /** An infection brings fever and coloured sputum. */
  infectious: boolean
}

/** What devices and the person would say at one moment; numbers are rounded as a device shows them. */
export type Vitals = {
  spo2: number
  pulse: number
  weight: number
  temperature: number
  breathlessness: number
  relieverPuffs: number
  /** How far in an exacerbation: 0 none, 1 the worst that there is. */
  burden: number
  /** In an exacerbation that is an infection. */
  infectious: boolean
}

/** Vitals over time. Ask in the order of time: today's deviation depends on yesterday's. */
export type Course = (at: Date) => Vitals

/**
 * A simple model of vital signs at home: a person's baseline, a slow drift, the rhythm of day and week, noise that
 * remembers itself from day to day, and exacerbations. It is plausible, not predictive, and holds no one's data.
 * @param from the day on which the drift begins to count
 */
export function createCourse(baseline: Baseline, exacerbations: Exacerbation[], from: Date, random: Random): Course {
  const spo2Noise = remember(random, { deviation: 0.7, days: 1.4 })
  const pulseNoise = remember(random, { deviation: 3.6, days: 1.2 })
  const weightNoise = remember(random, { deviation: 0.35, days: 3 })
  const breathNoise = remember(random, { deviation: 0.6, days: 2 })
  // Over a quarter of a year: a little saturation lost by some, a little weight lost or won by most.
  const spo2Drift = -Math.abs(random.normal(0, 0.4))
  const weightDrift = baseline.weight * random.normal(-0.004, 0.01)

  return (at) => {
    const quarter = (at.getTime() - from.getTime()) / (90 * DAY_MS)
    const hour = (at.getTime() / 3_600_000) % 24
    const morning = Math.cos(((hour - 5) / 12) * Math.PI) // 1 early in the morning, -1 late in the afternoon
    const weekend = at.getUTCDay() === 0 || at.getUTCDay() === 6 ? 1 : 0
    const { burden, infectious } = burdenAt(exacerbations, at)
    const fever = infectious ? 1.9 * burden : 0

    return {
      spo2: clamp(
        Math.round(baseline.spo2 + spo2Drift * quarter - 0.4 * morning - 8 * burden + spo2Noise(at)),
        50,
        100,
      ),
      pulse: clamp(
        Math.round(baseline.pulse - 2 * morning - 1.5 * weekend + 26 * burden + 4 * fever + pulseNoise(at)),
        38,
        165,
      ),
      weight: clamp(roundTo1(baseline.weight + weightDrift * quarter - 0.8 * burden + weightNoise(at)), 30, 250),
      temperature: clamp(roundTo1(baseline.temperature - 0.15 * morning + fever + random.normal(0, 0.1)), 35, 41.5),
      breathlessness: clamp(Math.round(baseline.breathlessness + 7 * burden + breathNoise(at)), 0, 10),
      relieverPuffs: clamp(Math.round(baseline.relieverPuffs + 7 * burden + random.normal(0, 0.4)), 0, 16),
      burden,
      infectious: infectious && burden > 0.15,
    }
  }
}

/** Where the worst of the exacerbations stands at this moment. */
function burdenAt(exacerbations: Exacerbation[], at: Date): { burden: number; infectious: boolean } {
  let burden = 0
  let infectious = false
  for (const exacerbation of exacerbations) {
    const share = exacerbation.severity * progress(exacerbation, at)
    if (share > burden) {
      burden = share
      infectious = exacerbation.infectious
    }
  }
  return { burden, infectious }
}

/** 0 before the onset, 1 at the height, back to 0; the corners are rounded as bodies do. */
function progress({ onset, riseDays, plateauDays, recoveryDays }: Exacerbation, at: Date): number {
  const days = (at.getTime() - onset.getTime()) / DAY_MS
  if (days <= 0) return 0
  if (days < riseDays) return smooth(days / riseDays)
  if (days < riseDays + plateauDays) return 1
  return smooth(1 - (days - riseDays - plateauDays) / recoveryDays)
}

const smooth = (x: number) => {
  const inside = clamp(x, 0, 1)
  return inside * inside * (3 - 2 * inside)
}

/** Noise that forgets itself in about `days` (Ornstein–Uhlenbeck), so that two near values are alike. */
function remember(random: Random, { deviation, days }: { deviation: number; days: number }): (at: Date) => number {
  let value = random.normal(0, deviation)
  let last: number | undefined
  return (at) => {
    const kept = last === undefined ? 1 : Math.exp(-Math.max(0, at.getTime() - last) / (days * DAY_MS))
    last = at.getTime()
    value = value * kept + random.normal(0, deviation * Math.sqrt(1 - kept * kept))
    return value
  }
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
const roundTo1 = (value: number) => Math.round(value * 10) / 10
