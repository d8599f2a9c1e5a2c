import type { PlanDefinitionAction } from '@medplum/fhirtypes'
import type { Rule } from '../plan/compile-plan.ts'
import type { ConditionTrace } from '../plan/condition.ts'
import { type CountProblem, countProblem, takenOf } from '../plan/selection-behavior.ts'
import type { Language } from '../words/language.ts'
import { type Told, tell } from '../words/told.ts'
import { translated } from '../words/translated.ts'

/** A rule that applies, with what it and those below it come to. */
export type Candidate = PlanDefinitionAction & { rule: Rule; applicable: Rule[] }

/**
 * Of what applies in a group, what is done as the plan has it. Nobody is there to choose.
 * @param behavior the group's selectionBehavior
 * @returns `problem` where that leaves a choice, which is the team's
 */
export function choose(found: Candidate[], behavior: string | undefined): { taken: Candidate[]; problem?: Told } {
  const taken = takenOf(found, behavior)
  const problem = found.length > 0 && countProblem(behavior, { taken: taken.length, of: found.length })
  if (!problem) return { taken }
  const which = (language: Language) =>
    found.map(({ rule: { action, id } }) => translated(action, 'title', language) ?? id).join(', ')
  return { taken: [], problem: tell((language) => `${TO_CHOOSE[problem][language]}: ${which(language)}`) }
}

/** That an action applied and is not done all the same, as one more of its conditions. */
export const notChosen = ({ precheckBehavior }: Candidate, behavior: string | undefined): ConditionTrace => ({
  expression: 'precheckBehavior, selectionBehavior',
  seen: { precheckBehavior: precheckBehavior ?? [], selectionBehavior: behavior ?? [] },
  outcome: 'false',
})

const TO_CHOOSE: Record<CountProblem, Told> = {
  all: { nb: 'Alle disse skal gjøres', nn: 'Alle desse skal gjerast', en: 'All of these are to be done' },
  'all-or-none': {
    nb: 'Alle disse skal gjøres, eller ingen',
    nn: 'Alle desse skal gjerast, eller ingen',
    en: 'All of these are to be done, or none',
  },
  'exactly-one': {
    nb: 'Velg én av disse',
    nn: 'Vel éin av desse',
    en: 'Choose one of these',
  },
  'at-most-one': {
    nb: 'Velg høyst én av disse',
    nn: 'Vel høgst éin av desse',
    en: 'Choose at most one of these',
  },
  'one-or-more': {
    nb: 'Velg minst én av disse',
    nn: 'Vel minst éin av desse',
    en: 'Choose at least one of these',
  },
}
