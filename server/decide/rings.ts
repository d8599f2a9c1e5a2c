import type { Rings } from './ring.ts'

/** Who decides when a timer of each kind rings. A worker claims only timers of the kinds that stand here, and rules. */
export const RINGS: Rings = {}
