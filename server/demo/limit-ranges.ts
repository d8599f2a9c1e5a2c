import type { CarePlan, Goal } from '@medplum/fhirtypes'
import { limitsOfCarePlan, toLimit } from '../core/decide/limits/limits.ts'
import { type EnrolmentLimits, withRanges } from '../core/decide/limits/ranges.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { copdDefinition } from './copd-pathway.ts'
import { demoEnrolment } from './enrolment.ts'
import type { DemoPatient } from './roster.ts'

const known = new Map<string, EnrolmentLimits>()

/**
 * Measurements with the limits that applied, as those have that came to a server while the patient was followed: the history is
 * written before the enrolment, so that it raises no Tasks, and would else have none.
 */
export const withLimitRanges = (patient: DemoPatient, measured: Resource[], at: Date): Resource[] =>
  measured.map((one) => withRanges(one, [limitsOf(patient)], at))

function limitsOf(patient: DemoPatient): EnrolmentLimits {
  const found = known.get(patient.slug)
  if (found) return found
  const definition = copdDefinition()
  const enrolment = demoEnrolment(patient, `${definition.url}|${definition.version}`, new Date())
  const goals = enrolment.filter((one): one is Goal => one.resourceType === 'Goal')
  const carePlan = enrolment.find((one): one is CarePlan => one.resourceType === 'CarePlan')
  const limits = {
    own: carePlan ? limitsOfCarePlan(carePlan, goals) : [],
    defaults: (definition.goal ?? []).flatMap(({ target }) => (target ?? []).flatMap((one) => toLimit(one, 'plan'))),
  }
  known.set(patient.slug, limits)
  return limits
}
