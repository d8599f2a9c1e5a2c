const UNTILS = ['minutes30', 'within2h', 'today', 'tomorrow', 'hours24'] as const
export type Until = (typeof UNTILS)[number]

const MINUTE_MILLIS = 60_000
const EVENING_HOUR = 20

/** When something must have been done, by the clocks of whoever asks; today means before the evening is over. */
export function untilOf(until: Until, now: Date): Date {
  switch (until) {
    case 'minutes30':
      return new Date(now.getTime() + 30 * MINUTE_MILLIS)
    case 'within2h':
      return new Date(now.getTime() + 120 * MINUTE_MILLIS)
    case 'hours24':
      return new Date(now.getTime() + 24 * 60 * MINUTE_MILLIS)
    default: {
      const at = new Date(now)
      if (until === 'tomorrow') at.setDate(at.getDate() + 1)
      at.setHours(EVENING_HOUR, 0, 0, 0)
      // Late in the evening there is little left of today: an hour, at least.
      return at > now ? at : new Date(now.getTime() + 60 * MINUTE_MILLIS)
    }
  }
}
