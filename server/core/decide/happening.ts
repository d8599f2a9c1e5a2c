import type { CarePlan, Goal } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'

/** A resource came (`current` alone), changed (both) or went (`previous` alone). */
export type DataHappening = {
  kind: 'data'
  interaction: 'create' | 'update' | 'delete'
  current?: Resource
  previous?: Resource
}

/** The limits changed under a measurement that came before: it is judged anew by those of now. */
export type LimitsHappening = {
  kind: 'limits'
  current: Resource
  /** As it was before the change. */
  before: { carePlan: CarePlan; goals: Goal[] }
}

/** Statuses in which a result says something that can be relied on. */
const ASSESSABLE = new Set(['final', 'amended', 'corrected', 'completed'])
/** Resources that are written before they are meant: an Observation is preliminary, a form half answered. */
const RESULTS = new Set(['Observation', 'QuestionnaireResponse', 'DiagnosticReport'])

/** Whether a resource may be judged yet, or still: of a result its status must say so; anything else is what it is. */
export const isAssessable = ({ resourceType, status }: Resource): boolean =>
  !RESULTS.has(resourceType) || typeof status !== 'string' || ASSESSABLE.has(status)
