import { ringStepDown } from './burden/step-down.ts'
import { ringPlannedChange } from './planned-change/ring-planned-change.ts'
import type { Rings } from './ring.ts'
import { ringSilence } from './silence/ring-silence.ts'
import { ringStage } from './stages/stage-late.ts'
import { ringMark, ringSnooze } from './task/follow-task.ts'
import type { TimerKind } from './timer.ts'

/** Who decides when a timer of each kind rings. A worker claims only timers of the kinds that stand here, and those of enrolments. */
export const RINGS: Rings = {
  'task-mark': ringMark,
  snooze: ringSnooze,
  silence: ringSilence,
  'step-down': ringStepDown,
  stage: ringStage,
  'planned-change': ringPlannedChange,
}

/** The kinds of timers that a worker handles: those of the table, and those that know more than a ring is told. */
export const handledKinds = (rings: Rings = RINGS) =>
  ['rule', 'occurrence', 'limits-review', 'legal-basis', ...Object.keys(rings)] as TimerKind[]
