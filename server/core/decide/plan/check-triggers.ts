import type { PlanDefinition, PlanDefinitionAction, TriggerDefinition } from '@medplum/fhirtypes'
import type { PlanProblem } from './plan-problem.ts'

/**
 * What is wrong with the triggers of a plan: those that nobody would ever pull. A plan that is in force with such a trigger would
 * wait in silence, so it is told when the plan is stored as active.
 *
 * `data-accessed` and `data-access-ended` are not heard. A read here changes nothing and leaves no event: with them each read of a
 * page of Observations would become as many writes, in the reader's way, and a plan could be set off by a nurse who looks. What a
 * reading should set off is said by the reader's application, as a named event.
 */
export function checkTriggers({ action }: Pick<PlanDefinition, 'action'>): PlanProblem[] {
  return (action ?? []).flatMap((one, i) => problemsOf(one, `PlanDefinition.action[${i}]`))
}

const problemsOf = (action: PlanDefinitionAction, at: string): PlanProblem[] => [
  ...(action.trigger ?? []).flatMap((trigger, i) => {
    const diagnostics = problemOf(trigger)
    return diagnostics === undefined ? [] : [{ expression: `${at}.trigger[${i}]`, diagnostics }]
  }),
  ...(action.action ?? []).flatMap((child, i) => problemsOf(child, `${at}.action[${i}]`)),
]

function problemOf({ type }: TriggerDefinition): string | undefined {
  if (type !== 'data-accessed' && type !== 'data-access-ended') return undefined
  return `A trigger of the type ${type} is never pulled: reading leaves no event. Use named-event, which the reader's application raises.`
}
