import type { CarePlan, Composition, Goal, Observation, Task } from '@medplum/fhirtypes'
import { tell, toldAs, toldConcept } from '../core/decide/words/told.ts'
import { authorOf } from './document-author.ts'
import { dayOf, goalSection, measurementSection, planSection, taskSection } from './summary-sections.ts'
import { SUMMARY_WORDS as WORDS } from './summary-words.ts'
import { volvenCoding } from './volven-types.ts'

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
  return {
    resourceType: 'Composition',
    status: 'final',
    language: 'nb',
    type: {
      coding: [
        { system: 'http://loinc.org', code: '34133-9', display: 'Summary of episode note' },
        volvenCoding('epikrise'),
      ],
      ...toldConcept(WORDS.period),
    },
    confidentiality: 'N',
    subject: carePlan.subject,
    date: now.toISOString(),
    author: [authorOf(carePlan)],
    ...toldAs(
      'title',
      tell((language) => `${WORDS.period[language]} ${dayOf(period.start)}–${dayOf(period.end)}: ${plan}`),
    ),
    event: [{ period, detail: [{ reference: `CarePlan/${carePlan.id}` }] }],
    section: [
      planSection({ carePlan, plan }),
      measurementSection(observations),
      taskSection(tasks),
      goalSection(goals),
    ],
  }
}
