import { toOsloClock } from '../../../server/core/decide/time/oslo-time.ts'
import type { Language } from '../../texts/language.ts'
import { type Measured, measuredAt } from '../device/device-clock.ts'
import type { Received } from '../device/receive.ts'
import type { Kind } from './kinds.ts'
import { type Typed, toTyped } from './reading.ts'
import { DAY_COUNT, type When } from './when.ts'

/** What a device sent, as it would stand in the fields if somebody had typed it, and when it was measured. */
export type Fetched = {
  received: Received
  typed: Typed
  when: When
  measured: Measured
  /** Older than can be told here, by a clock that nobody can check: it stands at now, and the person is asked. */
  isLongAgo: boolean
}

const NOW_MILLIS = 2 * 60_000
const DAY_MILLIS = 86_400_000

export function toFetched({ fields }: Kind, received: Received, language: Language): Fetched {
  const { reading, clock, arrivedAt } = received
  const measured = measuredAt({ stampedAt: reading.stampedAt, clock, arrivedAt })
  const age = arrivedAt.getTime() - measured.at.getTime()
  const isLongAgo = age > (DAY_COUNT - 1) * DAY_MILLIS
  return {
    ...{ received, measured, isLongAgo },
    when: age < NOW_MILLIS || isLongAgo ? { isNow: true } : atOf(measured.at),
    typed: Object.fromEntries(
      fields.flatMap((field) => {
        const value = reading.values[field.name]
        return value === undefined ? [] : [[field.name, toTyped(value, field, language)]]
      }),
    ),
  }
}

function atOf(at: Date): When {
  const { date, minuteOfDay } = toOsloClock(at)
  const two = (value: number) => String(value).padStart(2, '0')
  return { isNow: false, date, time: `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}` }
}

/** To the second, as long as nobody has set another time. */
export const momentKept = ({ when, measured, isLongAgo }: Fetched, chosen: When): Date | undefined =>
  chosen === when && !isLongAgo ? measured.at : undefined

/** Whoever changes a number has read it, and typed it. */
export const isAsSent = ({ typed }: Fetched, now: Typed, { fields }: Kind): boolean =>
  fields.every(({ name }) => (typed[name] ?? '') === (now[name] ?? ''))
