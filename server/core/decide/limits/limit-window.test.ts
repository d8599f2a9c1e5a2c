import type { Extension, GoalTarget } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { LIMIT } from '../plan/vocabulary.ts'
import { limitsAt, toLimit } from './limits.ts'

const part = {
  time: (from: string, to: string): Extension[] => [
    { url: 'from', valueTime: from },
    { url: 'to', valueTime: to },
  ],
  period: (start?: string, end?: string): Extension[] => [{ url: 'period', valuePeriod: { start, end } }],
}

const low = (zone: string, value: number, ...parts: Extension[]): GoalTarget => ({
  extension: [
    { url: LIMIT, extension: [{ url: 'zone', valueCode: zone }, { url: 'side', valueCode: 'low' }, ...parts] },
  ],
  measure: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  detailQuantity: { value, unit: '%', code: '%' },
})

const valuesAt = (at: string, own: GoalTarget[], defaults: GoalTarget[] = []) =>
  limitsAt(
    own.flatMap((one) => toLimit(one, 'patient')),
    defaults.flatMap((one) => toLimit(one, 'plan')),
    new Date(at),
  ).map(({ zone, value }) => `${zone} ${value}`)

test.each([
  ['just before it begins', '2026-11-10T20:59:59Z', ['red 88']],
  ['as it begins, by Norwegian clocks', '2026-11-10T21:00:00Z', ['red 85']],
  ['after midnight', '2026-11-10T23:30:00Z', ['red 85']],
  ['as it ends', '2026-11-11T06:00:00Z', ['red 88']],
  ['in summer time, an hour earlier by UTC', '2026-07-10T20:00:00Z', ['red 85']],
])('a limit for the night, 22–07: %s', (_name, at, expected) => {
  expect(valuesAt(at, [low('red', 88), low('red', 85, ...part.time('22:00:00', '07:00:00'))])).toEqual(expected)
})

test.each([
  ['before', '2026-10-31T12:00:00Z', ['red 88']],
  ['on the first day', '2026-11-01T12:00:00Z', ['red 86']],
  ['on the last day, which is whole', '2026-11-14T23:59:59Z', ['red 86']],
  ['the day after', '2026-11-15T00:00:00Z', ['red 88']],
])('a limit during an exacerbation: %s', (_name, at, expected) => {
  expect(valuesAt(at, [low('red', 88), low('red', 86, ...part.period('2026-11-01', '2026-11-14'))])).toEqual(expected)
})

test('the narrowest window counts: the night of an exacerbation before the exacerbation, and that before always', () => {
  const all = [
    low('red', 88),
    low('red', 86, ...part.period('2026-11-01')),
    low('red', 84, ...part.period('2026-11-01'), ...part.time('22:00:00', '07:00:00')),
  ]
  expect(valuesAt('2026-11-10T12:00:00Z', all)).toEqual(['red 86'])
  expect(valuesAt('2026-11-10T23:00:00Z', all)).toEqual(['red 84'])
})

test('outside its window the person’s own limit leaves the plan’s in force', () => {
  const own = [low('red', 85, ...part.time('22:00:00', '07:00:00'))]
  expect(valuesAt('2026-11-10T12:00:00Z', own, [low('red', 88)])).toEqual(['red 88'])
  expect(valuesAt('2026-11-10T23:00:00Z', own, [low('red', 88)])).toEqual(['red 85'])
})

test('of one measure, zone and side there is always exactly one limit, whatever windows stand beside the one for always', () => {
  const clock = fc.integer({ min: 0, max: 23 }).map((hour) => `${String(hour).padStart(2, '0')}:00:00`)
  fc.assert(
    fc.property(
      clock,
      clock,
      fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
      (from, to, at) => {
        fc.pre(from !== to)
        const own = [low('red', 88), low('red', 85, ...part.time(from, to))]
        expect(valuesAt(at.toISOString(), own)).toHaveLength(1)
      },
    ),
  )
})
