import type { CarePlan, Goal } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import type { Timer } from './timer.ts'

/** What happened: a resource came, changed or went; its limits changed; a timer's moment passed; or the enrolment itself changed. */
export type Happening = DataHappening | LimitsHappening | TimerHappening | EnrolmentHappening

/** A resource came (`current` alone), changed (both) or went (`previous` alone); or it is as it was, and somebody was given it. */
export type DataHappening = {
  kind: 'data'
  interaction: 'create' | 'update' | 'delete' | 'access'
  current?: Resource
  previous?: Resource
  /** What tells that somebody was given it (plan/data-access.ts). */
  access?: Resource
}

/** The limits changed under a measurement that came before: it is judged anew by those of now. */
export type LimitsHappening = {
  kind: 'limits'
  current: Resource
  /** As it was before the change. */
  before: { carePlan: CarePlan; goals: Goal[] }
}

/** `since`: when the CarePlan was changed so; now, where it is not said. What hears of it late has slept through no clock. */
export type EnrolmentHappening = { kind: 'enrolment'; since?: Date }

/** A timer's moment has passed. */
export type TimerHappening = { kind: 'timer'; timer: Timer }

/** Statuses in which a result says something that can be relied on. */
const ASSESSABLE = new Set(['final', 'amended', 'corrected', 'completed'])
/** Resources that are written before they are meant: an Observation is preliminary, a form half answered. */
const RESULTS = new Set(['Observation', 'QuestionnaireResponse', 'DiagnosticReport'])

/** Whether a resource may be judged yet, or still: of a result its status must say so; anything else is what it is. */
export const isAssessable = ({ resourceType, status }: Resource): boolean =>
  !RESULTS.has(resourceType) || typeof status !== 'string' || ASSESSABLE.has(status)
