import type { PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { findElement } from '../../fhirpath/element.ts'
import type { PlanProblem } from './plan-problem.ts'

/**
 * The triggers of a plan that nobody would ever pull: they wait for data that are no patient's, such as an Organization, and a plan
 * hears what concerns those who are in it. A plan in force would wait in silence, so it is told before.
 */
export function checkTriggers({ action = [] }: Pick<PlanDefinition, 'action'>): PlanProblem[] {
  return action.flatMap((one, i) => ofAction(one, `PlanDefinition.action[${i}]`))
}

const ofAction = ({ trigger = [], action = [] }: PlanDefinitionAction, at: string): PlanProblem[] => [
  ...trigger.flatMap(({ data = [] }, i) =>
    // One of several is what comes, so one that can come is enough.
    data.length > 0 && data.every(({ type }) => !canBeOfPatient(String(type)))
      ? data.map(({ type }, j) => ({
          expression: `${at}.trigger[${i}].data[${j}].type`,
          diagnostics: `A trigger on ${type} is never pulled: no ${type} is a patient's. What happens to it can be told as a named event.`,
        }))
      : [],
  ),
  ...action.flatMap((child, i) => ofAction(child, `${at}.action[${i}]`)),
]

/** Elements by which R4's resources are in a patient's compartment. https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
const OF_PATIENT = [
  ...['subject', 'patient', 'for', 'beneficiary', 'participant', 'actor', 'agent', 'candidate', 'individual', 'member'],
  ...['link', 'target', 'requester', 'recipient', 'deliverTo', 'party', 'policyHolder', 'payee'],
]
const canBeOfPatient = (type: string): boolean =>
  type === 'Patient' || OF_PATIENT.some((name) => findElement(type, name) !== undefined)
