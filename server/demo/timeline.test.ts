import fc from 'fast-check'
import { median } from '../core/decide/limits/quantile.ts'
import { toOsloClock } from '../core/decide/time/oslo-time.ts'
import { demoPatients, PLAN_LIMITS } from './roster.ts'
import { timelineOf } from './timeline.ts'

const NOW = new Date('2026-11-22T10:30:00Z')
const patients = demoPatients()

/** Any moment of some years, so that both changes of the clock, midnight and early mornings are among them. */
const anyNow = fc.date({ min: new Date('2025-01-01'), max: new Date('2029-01-01'), noInvalidDate: true })
const anyPatient = fc.constantFrom(...patients)

test('the same patient and the same now give the same timeline', () => {
  fc.assert(
    fc.property(anyPatient, anyNow, (patient, now) => {
      expect(timelineOf(patient, now)).toEqual(timelineOf(patient, now))
    }),
    { numRuns: 20 },
  )
})

test('every value is one that a living person at home can have, before now, in the order of time', () => {
  fc.assert(
    fc.property(anyPatient, anyNow, (patient, now) => {
      const { occasions } = timelineOf(patient, now)
      let previous = 0
      for (const { at, vitals, artefact } of occasions) {
        expect(at.getTime()).toBeGreaterThan(previous)
        previous = at.getTime()
        expect(vitals.spo2).toBeGreaterThanOrEqual(70)
        expect(vitals.spo2).toBeLessThanOrEqual(100)
        expect(vitals.pulse).toBeGreaterThanOrEqual(40)
        expect(vitals.pulse).toBeLessThanOrEqual(150)
        expect(vitals.temperature).toBeGreaterThanOrEqual(35)
        expect(vitals.temperature).toBeLessThanOrEqual(41)
        expect(Math.abs(vitals.weight - patient.baseline.weight)).toBeLessThan(patient.baseline.weight * 0.1)
        if (artefact !== undefined) expect(artefact).toBeLessThan(80)
      }
      expect(previous).toBeLessThan(now.getTime())
    }),
    { numRuns: 60 },
  )
})

test('the last measurement tells the story of each patient, within the last day for all but the silent', () => {
  fc.assert(
    fc.property(anyPatient, anyNow, (patient, now) => {
      const last = timelineOf(patient, now).occasions.at(-1)
      if (!last) throw new Error('No occasion at all')
      const hours = (now.getTime() - last.at.getTime()) / 3_600_000
      const { yellowBelow, redBelow } = patient.limits ?? PLAN_LIMITS
      if (patient.story === 'silent') expect(hours).toBeGreaterThan(72)
      else expect(hours).toBeLessThan(24)
      const { spo2, pulse } = last.vitals
      expect(pulse).toBeGreaterThan(50)
      expect(pulse).toBeLessThan(110)
      if (patient.story === 'acute' || patient.story === 'infected') expect(spo2).toBeLessThan(redBelow)
      else if (patient.story === 'worsening') {
        expect(spo2).toBeLessThan(yellowBelow)
        expect(spo2).toBeGreaterThanOrEqual(redBelow)
      } else expect(spo2).toBeGreaterThan(yellowBelow)
    }),
    { numRuns: 200 },
  )
})

test('between a fifth and a half of the steady have an exacerbation in 90 days, and SpO2 falls in it while pulse rises', () => {
  const steady = patients.filter(({ story }) => story === 'steady').map((patient) => timelineOf(patient, NOW))
  const worsened = steady.filter(({ exacerbations }) => exacerbations.length > 0)
  expect(worsened.length / steady.length).toBeGreaterThan(0.2)
  expect(worsened.length / steady.length).toBeLessThan(0.5)
  for (const { occasions } of worsened) {
    const mean = (of: 'spo2' | 'pulse', ill: boolean) => {
      const values = occasions.filter(({ vitals }) => (ill ? vitals.burden > 0.4 : vitals.burden === 0))
      return values.reduce((sum, { vitals }) => sum + vitals[of], 0) / values.length
    }
    if (!occasions.some(({ vitals }) => vitals.burden > 0.4)) continue
    expect(mean('spo2', true)).toBeLessThan(mean('spo2', false) - 2)
    expect(mean('pulse', true)).toBeGreaterThan(mean('pulse', false) + 5)
  }
})

test('one day is like the next: saturation remembers itself', () => {
  const correlations = patients.map((patient) => {
    const values = timelineOf(patient, NOW).occasions.map(({ vitals }) => vitals.spo2)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    const next = values.slice(1).reduce((sum, value, i) => sum + (value - mean) * ((values[i] ?? mean) - mean), 0)
    return next / variance
  })
  expect(correlations.reduce((sum, value) => sum + value, 0) / correlations.length).toBeGreaterThan(0.15)
})

test('days are missing, and measurements are made when people are awake', () => {
  const timelines = patients.map((patient) => timelineOf(patient, NOW))
  const occasions = timelines.flatMap((timeline) => timeline.occasions)
  const days = timelines.map((timeline) => new Set(timeline.occasions.map(({ at }) => toOsloClock(at).date)).size)
  expect(Math.min(...days)).toBeGreaterThan(55)
  expect(days.filter((count) => count < 89).length).toBeGreaterThan(patients.length / 2)
  for (const { at } of occasions) {
    expect(toOsloClock(at).minuteOfDay).toBeGreaterThan(5 * 60)
    expect(toOsloClock(at).minuteOfDay).toBeLessThan(23 * 60)
  }
})

test('cold fingers are rare', () => {
  const occasions = patients.flatMap((patient) => timelineOf(patient, NOW).occasions)
  const share = occasions.filter(({ artefact }) => artefact !== undefined).length / occasions.length
  expect(share).toBeGreaterThan(0.001)
  expect(share).toBeLessThan(0.02)
})

test('what is usual for Line is the same on whatever day and hour the demo begins, and inside her limits', () => {
  const line = patients.find(({ slug }) => slug === 'line')
  if (!line) throw new Error('no Line')
  const usual = (values: { at: Date; value: number }[]) => {
    const days = [...Map.groupBy(values, ({ at }) => Math.floor(at.getTime() / 86_400_000)).values()]
    return median(days.map((day) => median(day.map(({ value }) => value))))
  }
  fc.assert(
    fc.property(anyNow, (now) => {
      const { occasions } = timelineOf(line, now)
      const lateFrom = now.getTime() - 14 * 86_400_000
      for (const name of ['pulse', 'spo2'] as const) {
        const values = occasions.map(({ at, vitals }) => ({ at, value: vitals[name] }))
        const late = usual(values.filter(({ at }) => at.getTime() >= lateFrom))
        const earlier = usual(values.filter(({ at }) => at.getTime() < lateFrom))
        // A review calls it a drift from more than what one reads off a device in whole numbers.
        expect(Math.abs(late - earlier)).toBeLessThanOrEqual(1)
      }
      expect(Math.min(...occasions.map(({ vitals }) => vitals.spo2))).toBeGreaterThan(
        (line.limits ?? PLAN_LIMITS).redBelow,
      )
    }),
    { numRuns: 100, examples: [[new Date('2026-11-23T23:23:00Z')]] },
  )
})
