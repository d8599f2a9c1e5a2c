import type { Random } from './random.ts'

/** A resource, as it is written down. */
export type Doc = { resourceType: string; id: string; [element: string]: unknown }

/** A world while it is made. */
export type Making = { random: Random; now: Date; docs: Doc[] }

export const CODES = ['8867-4', '59408-5', '8310-5']
export const LOINC = 'http://loinc.org'
const DAY = 86_400_000
export const ref = (reference: string) => ({ reference })

/** Periods that are over, that last, and that have not begun. */
export const day = (now: Date, days: number) => new Date(now.getTime() + days * DAY).toISOString()
export const PERIODS = (now: Date) => [
  undefined,
  { start: day(now, -100) },
  { start: day(now, -100), end: day(now, 100) },
  { start: day(now, -100), end: day(now, -1) },
  { start: day(now, 1) },
  { end: day(now, -2).slice(0, 10) },
  { end: day(now, 3).slice(0, 10) },
]
