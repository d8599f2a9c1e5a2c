import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fromOsloClock, toOsloClock } from '../../../server/core/decide/time/oslo-time.ts'
import type { DeviceTime } from './bytes.ts'
import { measuredAt } from './device-clock.ts'

const MINUTE = 60_000
const ARRIVED = new Date('2026-03-04T06:12:30Z')
/** What a clock shows that goes so many minutes ahead of Oslo's. */
const shown = (at: Date, minutesAhead = 0): DeviceTime => {
  const { date, minuteOfDay } = toOsloClock(new Date(at.getTime() + minutesAhead * MINUTE))
  return { date, minuteOfDay, second: at.getUTCSeconds() }
}
const minutesAgo = (minutes: number) => new Date(ARRIVED.getTime() - minutes * MINUTE)

test.each([
  ['without a clock: when it came', { arrivedAt: ARRIVED }, 0, 'sent'],
  ['by a clock that is right', { stampedAt: shown(minutesAgo(3)), arrivedAt: ARRIVED }, 3, 'clock'],
  [
    'in the future by a clock that nobody can check',
    { stampedAt: shown(minutesAgo(-90)), arrivedAt: ARRIVED },
    0,
    'corrected',
  ],
  [
    'yesterday by a clock that nobody can check',
    { stampedAt: shown(minutesAgo(1440)), arrivedAt: ARRIVED },
    1440,
    'ask',
  ],
  [
    'yesterday by a clock that was asked and is right',
    { stampedAt: shown(minutesAgo(1440)), clock: { shows: shown(ARRIVED), askedAt: ARRIVED }, arrivedAt: ARRIVED },
    ...([1440, 'clock'] as const),
  ],
  [
    'by a clock that was asked and is an hour slow, as after the change to summer time',
    {
      stampedAt: shown(minutesAgo(5), -60),
      clock: { shows: shown(ARRIVED, -60), askedAt: ARRIVED },
      arrivedAt: ARRIVED,
    },
    ...([5, 'corrected'] as const),
  ],
] as const)('measured %s', (_, stamp, ageMinutes, how) => {
  expect(measuredAt(stamp)).toEqual({ at: minutesAgo(ageMinutes), how })
})

test('whatever a clock is off by: once it was asked, the time is right to the minute, and never after it came', () => {
  const ago = fc.integer({ min: 0, max: 30 * 24 * 60 })
  const off = fc.integer({ min: -15 * 365 * 24 * 60, max: 15 * 365 * 24 * 60 })
  fc.assert(
    fc.property(ago, off, (minutes, ahead) => {
      const clock = { shows: shown(ARRIVED, ahead), askedAt: ARRIVED }
      const { at } = measuredAt({ stampedAt: shown(minutesAgo(minutes), ahead), clock, arrivedAt: ARRIVED })
      expect(at.getTime()).toBeLessThanOrEqual(ARRIVED.getTime())
      // A clock on the wall that is far off may have the change of the clocks between the two.
      expect(Math.abs(at.getTime() - minutesAgo(minutes).getTime())).toBeLessThanOrEqual(61 * MINUTE)
    }),
  )
  expect(fromOsloClock('2026-03-04', 432).toISOString()).toBe('2026-03-04T06:12:00.000Z')
})
