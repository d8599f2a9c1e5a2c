import type { Decisions } from './decide.ts'

/** What comes of a happening that changes nothing. */
export const NOTHING: Decisions = { tasks: [], timers: [], trace: [] }
