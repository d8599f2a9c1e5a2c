import type { CarePlan, Composition, Goal, Observation, Task } from '@medplum/fhirtypes'
import { tell } from '../core/decide/words/told.ts'
import { compositionOf } from './care-plan-document.ts'
import { dayOf } from './narrative-section.ts'
import { goalSection, measurementSection, planSection, taskSection } from './summary-sections.ts'
import { SUMMARY_WORDS as WORDS } from './summary-words.ts'

export type PeriodFacts = {
  carePlan: CarePlan
  /** Title of the plan that is followed, with its version. */
  plan: string
  goals: Goal[]
  /** Of the period, oldest first. */
  observations: Observation[]
  /** Tasks of the enrolment that were made in the period. */
  tasks: Task[]
  /** instants */
  period: { start: string; end: string }
  now: Date
}

/** A part of an enrolment, as a discharge letter tells it: what was measured, which work it made and what came of it. Pure. */
export function periodSummary({ carePlan, plan, goals, observations, tasks, period, now }: PeriodFacts): Composition {
  const days = `${dayOf(period.start)}–${dayOf(period.end)}`
  const title = tell((language) => `${WORDS.period[language]} ${days}: ${plan}`)
  return {
    ...compositionOf({ kind: 'summary', carePlan, title, period, now }),
    section: [
      planSection({ carePlan, plan }),
      measurementSection(observations),
      taskSection(tasks),
      goalSection(goals),
    ],
  }
}
