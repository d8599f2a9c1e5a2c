import type { PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { effectOf } from './effect.ts'
import type { PlanProblem } from './plan-problem.ts'
import { circleIn, offsetsOf, relationsOf } from './relations.ts'

/** An action with where it stands, by which it is told apart where it has no id. */
type Placed = Pick<PlanDefinitionAction, 'relatedAction'> & {
  key: string
  at: string
  isDone: boolean
  action: Placed[]
}

/**
 * What is wrong with the relations between the actions of a plan: to an action that is not there, by an offset that is no time, and
 * actions of which each would have to wait for the next. Nothing of it would ever begin, so it is told before the plan is in force.
 */
export function checkRelations({ action = [] }: Pick<PlanDefinition, 'action'>): PlanProblem[] {
  const tree = action.map((one, i) => placed(one, `PlanDefinition.action[${i}]`))
  const all = flat(tree)
  const keys = new Set(all.map(({ key }) => key))
  const problems = all.flatMap(({ relatedAction = [], at }) =>
    relatedAction.flatMap(({ actionId, ...offset }, i): PlanProblem[] => {
      const expression = `${at}.relatedAction[${i}]`
      const unknown = `The plan has no action '${actionId}'; expected the id of one of its actions.`
      if (!keys.has(String(actionId))) return [{ expression: `${expression}.actionId`, diagnostics: unknown }]
      const diagnostics = problemOf(offset)
      return diagnostics === undefined ? [] : [{ expression: `${expression}.offset`, diagnostics }]
    }),
  )
  const circle = circleIn(relationsOf(tree, { keyOf: ({ key }) => key, isDone: ({ isDone }) => isDone }))
  if (!circle) return problems
  const at = all.find(({ key }) => key === circle[0])?.at ?? 'PlanDefinition.action'
  const diagnostics = `Actions that wait for each other would never begin: ${circle.join(' → ')}.`
  return [...problems, { expression: `${at}.relatedAction`, diagnostics }]
}

function placed(action: PlanDefinitionAction, at: string): Placed {
  const { id, relatedAction, definitionCanonical, definitionUri } = action
  const effect = effectOf(action, undefined)
  // What stops or changes activities names them so; it waits for none.
  const isTarget = 'target' in effect || effect.does === 'puzzle'
  return {
    ...{ key: id ?? at, at, isDone: (definitionCanonical ?? definitionUri) !== undefined },
    ...(relatedAction && !isTarget ? { relatedAction } : {}),
    action: (action.action ?? []).map((child, i) => placed(child, `${at}.action[${i}]`)),
  }
}

const flat = (tree: Placed[]): Placed[] => tree.flatMap((one) => [one, ...flat(one.action)])

function problemOf(offset: Parameters<typeof offsetsOf>[0]): string | undefined {
  try {
    offsetsOf(offset)
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return `The offset is no time: ${why}; expected a Duration in s, min, h, d, wk, mo or a.`
  }
}
