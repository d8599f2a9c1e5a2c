import { fromOsloClock } from '../../../server/core/decide/time/oslo-time.ts'
import type { DeviceTime } from './bytes.ts'

/** So much a clock at home may be off without anybody minding. */
const NEAR_MILLIS = 2 * 60_000
/** What is older than this by a clock that nobody can check was perhaps measured now. */
const FRESH_MILLIS = 10 * 60_000

/**
 * When something was measured, as far as that can be told.
 * `how`: `sent` as it came, for want of a clock; `clock` by the device's, which is right; `corrected` by one that is wrong and is known to be by
 * how much, or that would have it measured in the future; `ask`: by one that may be right, of something that may be old.
 */
export type Measured = { at: Date; how: 'sent' | 'clock' | 'corrected' | 'ask' }

export type Stamp = {
  /** By the device. */
  stampedAt?: DeviceTime | undefined
  /** What the device's clock showed when it was asked, and when that was. */
  clock?: { shows: DeviceTime; askedAt: Date } | undefined
  /** By the phone. */
  arrivedAt: Date
}

/** Devices tell the time as a clock on the wall does, and many were never set, or stand still on winter time. */
export function measuredAt({ stampedAt, clock, arrivedAt }: Stamp): Measured {
  if (!stampedAt) return { at: arrivedAt, how: 'sent' }
  const stamp = instantOf(stampedAt)
  if (clock) {
    const off = clock.askedAt.getTime() - instantOf(clock.shows).getTime()
    const isRight = Math.abs(off) <= NEAR_MILLIS
    const at = isRight ? stamp : new Date(stamp.getTime() + off)
    return { at: earlier(at, arrivedAt), how: isRight ? 'clock' : 'corrected' }
  }
  const age = arrivedAt.getTime() - stamp.getTime()
  if (age < -NEAR_MILLIS) return { at: arrivedAt, how: 'corrected' }
  return { at: earlier(stamp, arrivedAt), how: age > FRESH_MILLIS ? 'ask' : 'clock' }
}

/** Nothing was measured after it had come. */
const earlier = (one: Date, other: Date): Date => (one.getTime() < other.getTime() ? one : other)

const instantOf = ({ date, minuteOfDay, second }: DeviceTime): Date =>
  new Date(fromOsloClock(date, minuteOfDay).getTime() + second * 1000)
