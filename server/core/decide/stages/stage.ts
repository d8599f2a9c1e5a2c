import type { Duration, Extension, PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import type { PlanProblem } from '../plan/plan-problem.ts'
import { FYLGJE } from '../plan/vocabulary.ts'
import { milliseconds } from '../time/duration.ts'
import { type Told, tell } from '../words/told.ts'
import { translated } from '../words/translated.ts'

/**
 * On an outermost action of a plan: it is a stage. What stands below it is in force while the patient is in it: its rules and clocks listen,
 * what has no trigger is done when it begins, and what it has started ends with it.
 */
export const STAGE = `${FYLGJE}/StructureDefinition/stage`
/** On an action: when it applies, the patient is moved on to the stage of this id. */
export const MOVE_TO_STAGE = `${FYLGJE}/StructureDefinition/move-to-stage`

export type Stage = {
  id: string
  title: Told
  /** An exception, beside the way that most go; nobody begins there. */
  isAlternate: boolean
  /** The stages that may come next; undefined where any may. */
  next?: string[]
  /** When it should be over, and when it must be, from its beginning. */
  goal?: Duration
  deadline?: Duration
}

/** The stages of a plan in their order; most plans have none. */
export const stagesOf = ({ action = [] }: Pick<PlanDefinition, 'action'>): Stage[] =>
  action.flatMap((one) => {
    const stage = stageIn(one)
    return stage && one.id ? [toStage(one, stage)] : []
  })

/** Where everybody begins. */
export const firstStage = (stages: Stage[]): Stage | undefined => stages.find(({ isAlternate }) => !isAlternate)

/** The stage that an action is, as it is written. */
export const stageIn = ({ extension }: PlanDefinitionAction): Extension | undefined =>
  extension?.find(({ url }) => url === STAGE)

/** The stage that an action leads to, as it is written. */
export const targetIn = ({ extension }: PlanDefinitionAction): string | undefined =>
  extension?.find(({ url }) => url === MOVE_TO_STAGE)?.valueId

function toStage(action: PlanDefinitionAction, { extension: parts = [] }: Extension): Stage {
  const next = parts.flatMap(({ url, valueId }) => (url === 'next' && valueId ? [valueId] : []))
  const goal = parts.find(({ url }) => url === 'goal')?.valueDuration
  const deadline = parts.find(({ url }) => url === 'deadline')?.valueDuration
  return {
    id: String(action.id),
    title: tell((language) => translated(action, 'title', language) ?? String(action.id)),
    isAlternate: parts.some(({ url, valueCode }) => url === 'kind' && valueCode === 'alternate'),
    ...(next.length > 0 ? { next } : {}),
    ...(goal ? { goal } : {}),
    ...(deadline ? { deadline } : {}),
  }
}

/** What is wrong with the stages of a plan: one that nobody could be in, or be moved to. */
export function checkStages({ action = [] }: PlanDefinition): PlanProblem[] {
  const stages = stagesOf({ action })
  const ids = new Set(stages.map(({ id }) => id))
  const problems: PlanProblem[] = []
  const wrong = (expression: string, diagnostics: string) => problems.push({ expression, diagnostics })
  const visit = (actions: PlanDefinitionAction[], path: string, isOutermost: boolean) =>
    actions.forEach((one, i) => {
      const at = `${path}.action[${i}]`
      if (stageIn(one) && !isOutermost) wrong(at, 'A stage stands outermost: stages are not within each other.')
      if (stageIn(one) && !one.id) wrong(`${at}.id`, 'A stage has an id, by which patients are moved to it.')
      if (stageIn(one)?.extension?.some(isNoTime))
        wrong(`${at}.extension`, 'The goal and deadline of a stage are Durations in units of time.')
      const target = targetIn(one)
      if (target !== undefined && !ids.has(target)) wrong(`${at}.extension`, unknownStage(target, ids))
      visit(one.action ?? [], at, false)
    })
  visit(action, 'PlanDefinition', true)
  for (const { id, next = [] } of stages) {
    const unknown = next.find((one) => !ids.has(one))
    const at = `PlanDefinition.action.where(id = '${id}').extension`
    if (unknown !== undefined) wrong(at, unknownStage(unknown, ids))
  }
  if (stages.length > 0 && !firstStage(stages)) {
    wrong('PlanDefinition.action', 'All stages are alternate: one must be where everybody begins.')
  }
  return problems
}

const unknownStage = (id: string, known: ReadonlySet<string>): string =>
  `The plan has no stage '${id}'; it has ${[...known].join(', ') || 'none'}.`

function isNoTime({ url, valueDuration }: Extension): boolean {
  if (url !== 'goal' && url !== 'deadline') return false
  try {
    return !(milliseconds(valueDuration ?? {}) > 0)
  } catch {
    return true
  }
}
