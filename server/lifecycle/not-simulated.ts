import type { CarePlan, OperationOutcome } from '@medplum/fhirtypes'
import { STEP_DOWN } from '../core/decide/burden/step-down.ts'
import { LIMITS_REVIEW } from '../core/decide/limits-review/review.ts'
import { allRules, type CompiledPlan, type Rule } from '../core/decide/plan/compile-plan.ts'
import { ROUTING } from '../core/decide/plan/vocabulary.ts'

/**
 * What a version would do and a simulation of it leaves out: whoever reads the numbers must know what is not in them. Pure.
 * @param enrolments of those whose history was played
 * @returns undefined where nothing is left out
 */
export function notSimulated(plan: CompiledPlan, enrolments: CarePlan[]): OperationOutcome | undefined {
  const isOther = enrolments.some(({ instantiatesCanonical = [] }) => !instantiatesCanonical.includes(plan.canonical))
  const rules = allRules(plan.rules)
  const left: [is: boolean, what: string, expression: string][] = [
    [
      isOther && rules.some(isOrdered),
      'Schedules are played as this version has them. What only this version asks for from the start is not: no measurements of it exist, and that they are missing would be told of everybody.',
      'PlanDefinition.action',
    ],
    [
      hasExtension(plan, LIMITS_REVIEW),
      'New limits are proposed to people, who decide: limits stay as they really were.',
      `PlanDefinition.extension('${LIMITS_REVIEW}')`,
    ],
    [
      hasExtension(plan, STEP_DOWN),
      'What is asked for less often when all is stable is asked for as often as at first.',
      `ActivityDefinition.extension('${STEP_DOWN}')`,
    ],
    [
      isForPersons(plan),
      'Tasks go to the queue of their team; to whom of it is not played, for it hangs on what else each of them had.',
      `PlanDefinition.action.extension('${ROUTING}')`,
    ],
  ]
  const issue = left.flatMap(([is, diagnostics, expression]): OperationOutcome['issue'] =>
    is ? [{ severity: 'information', code: 'informational', diagnostics, expression: [expression] }] : [],
  )
  return issue.length > 0 ? { resourceType: 'OperationOutcome', issue } : undefined
}

/** Something that is ordered when a patient begins. */
const isOrdered = ({ triggers, effect }: Rule): boolean =>
  triggers.length === 0 && (effect.does === 'start' || effect.does === 'ask')

const textsOf = ({ definition, used }: CompiledPlan): string[] =>
  [definition, ...used].map((one) => JSON.stringify(one))
const hasExtension = (plan: CompiledPlan, url: string): boolean =>
  textsOf(plan).some((text) => text.includes(`"${url}"`))

/** Some routing chooses a person. */
const isForPersons = (plan: CompiledPlan): boolean =>
  hasExtension(plan, ROUTING) && textsOf(plan).some((text) => /"url":"assign","valueCode":"person"/.test(text))
