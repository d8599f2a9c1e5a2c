import type { CarePlan, Composition, Goal, Observation, Task } from '@medplum/fhirtypes'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import { tell } from '../core/decide/words/told.ts'
import { compositionOf } from './care-plan-document.ts'
import { labelledAs, labelsOf } from './labels.ts'
import { goalSection, measurementSection, planSection, taskSection } from './summary-sections.ts'
import { SUMMARY_WORDS as WORDS } from './summary-words.ts'

/** Composition.identifier of a final summary: the CarePlan, so that one enrolment has one. */
export const CLOSING = `${FYLGJE}/NamingSystem/closing`

export type SummaryFacts = {
  carePlan: CarePlan
  /** Title of the plan that it followed, with its version. */
  plan: string
  goals: Goal[]
  observations: Observation[]
  /** All Tasks of the enrolment, as they stand after its end. */
  tasks: Task[]
  /** How many times the rules of the plan were looked at. */
  decisionCount: number
  now: Date
}

/**
 * What an enrolment was: why it ended, what was measured, which work it made and what came of it, in each language that people read here.
 * `Composition/[id]/$document` makes it a document that can be sent. It bears every label of what it was made of.
 * @see https://hl7.org/fhir/R4/composition.html
 */
export function finalSummary(facts: SummaryFacts): Composition {
  const { carePlan, plan, now } = facts
  const { start, end = now.toISOString() } = carePlan.period ?? {}
  const title = tell((language) => `${WORDS.report[language]}: ${plan}`)
  return {
    ...compositionOf({ kind: 'final', carePlan, title, period: { ...(start ? { start } : {}), end }, now }),
    identifier: { system: CLOSING, value: `CarePlan/${carePlan.id}` },
    ...labelledAs(labelsOf([carePlan, ...facts.goals, ...facts.observations, ...facts.tasks])),
    section: [
      planSection(facts),
      measurementSection(facts.observations),
      taskSection(facts.tasks),
      goalSection(facts.goals),
    ],
  }
}
