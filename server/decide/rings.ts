import { ringMark, ringSnooze } from './follow-task.ts'
import type { Rings } from './ring.ts'

/** Who decides when a timer of each kind rings. A worker claims only timers of the kinds that stand here, and rules. */
export const RINGS: Rings = { 'task-mark': ringMark, snooze: ringSnooze }
