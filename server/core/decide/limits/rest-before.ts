import type { Extension } from '@medplum/fhirtypes'
import type { CompiledPlan, Rule } from '../plan/compile-plan.ts'
import type { PlanProblem } from '../plan/plan-problem.ts'
import { FYLGJE } from '../plan/vocabulary.ts'
import { milliseconds } from '../time/duration.ts'
import type { Language } from '../words/language.ts'
import { type Told, tell } from '../words/told.ts'

/**
 * On an action or ActivityDefinition that asks for a new measurement, or on the PlanDefinition for all of them: how long one rests before it.
 * Nothing (`0 min`) where there is nothing to rest from, such as before one is weighed again.
 */
export const REST_BEFORE = `${FYLGJE}/StructureDefinition/rest-before`

/** Where nobody says how long. */
const REST_MINUTES = 5
const MINUTE_MILLISECONDS = 60_000

type Asking = { rule: Pick<Rule, 'action' | 'activity'>; plan: Pick<CompiledPlan, 'definition'> }

/** What a person is told to do when a measurement is doubted: to rest as long as the plan says, and to measure again. */
export function askedAgain({ rule: { action, activity }, plan: { definition } }: Asking): Told {
  const said = [action, activity, definition].map((one) => restIn(one?.extension)).find((rest) => rest !== undefined)
  const minutes = Math.ceil(restOf(said) ?? REST_MINUTES)
  return tell((language) => AGAIN[language](minutes))
}

const AGAIN: Record<Language, (minutes: number) => string> = {
  nb: (minutes) =>
    minutes > 0 ? `Hvil ${minutes} ${minutes > 1 ? 'minutter' : 'minutt'} og mål på nytt.` : 'Mål på nytt.',
  nn: (minutes) => (minutes > 0 ? `Kvil ${minutes} minutt og mål på nytt.` : 'Mål på nytt.'),
  en: (minutes) =>
    minutes > 0 ? `Rest for ${minutes} ${minutes > 1 ? 'minutes' : 'minute'} and measure again.` : 'Measure again.',
}

/** What of a plan says how long to rest, and is no length of time; told before the plan is in force. */
export function checkRest({ definition }: CompiledPlan, rules: readonly Rule[]): PlanProblem[] {
  const diagnostics = 'rest-before is a Duration in s, min or h, from nothing up.'
  const isWrong = (extension: Extension[] | undefined) => {
    const said = restIn(extension)
    return said !== undefined && restOf(said) === undefined
  }
  return [
    ...(isWrong(definition.extension) ? [{ expression: 'PlanDefinition.extension', diagnostics }] : []),
    ...rules.flatMap(({ id, action, activity }) => [
      ...(isWrong(action.extension)
        ? [{ expression: `PlanDefinition.action.where(id = '${id}').extension`, diagnostics }]
        : []),
      ...(isWrong(activity?.extension)
        ? [{ expression: `PlanDefinition.action.where(id = '${id}').definitionCanonical`, diagnostics }]
        : []),
    ]),
  ]
}

const restIn = (extension: Extension[] | undefined): Extension | undefined =>
  extension?.find(({ url }) => url === REST_BEFORE)

/** In minutes; undefined for what is no length of time. */
function restOf(said: Extension | undefined): number | undefined {
  try {
    const minutes = milliseconds(said?.valueDuration ?? {}) / MINUTE_MILLISECONDS
    return minutes >= 0 ? minutes : undefined
  } catch {
    return undefined
  }
}
