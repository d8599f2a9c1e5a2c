import type { RequestGroupAction } from '@medplum/fhirtypes'
import { type CountProblem, countProblem, takenOf } from '../decide/plan/selection-behavior.ts'
import type { Issue } from '../fhir/outcome.ts'

/** An action by which it is found again in an edited proposal: R4 does not ask for an id. */
export const keyOf = ({ id, title, prefix, textEquivalent, description }: RequestGroupAction): string =>
  id ?? title ?? prefix ?? textEquivalent ?? description ?? ''

/** Why an action that must be there unless it is documented is not. */
export type Omission = { actionId: string; reason: string }

/**
 * Chooses where nobody has: what must be is taken, what is not usually done is left out, and of alternatives what is named, else what
 * is usually done.
 * @param named ids of actions that the caller wants
 * @returns the actions that are left, and what must be decided first
 * @see https://hl7.org/fhir/R4/plandefinition.html#behavior
 */
export function choose(
  actions: RequestGroupAction[],
  named: ReadonlySet<string>,
  expression = 'RequestGroup.action',
): { actions: RequestGroupAction[]; issues: Issue[] } {
  const issues: Issue[] = []
  const isNamed = (action: RequestGroupAction) => flatten([action]).some((one) => named.has(keyOf(one)))
  const within = (all: RequestGroupAction[], behavior: string | undefined, at: string): RequestGroupAction[] => {
    const taken = takenOf(all, behavior, isNamed)
    const problem = countProblem(behavior, { taken: taken.length, of: all.length })
    if (problem) {
      const ids = all.map(keyOf).join(', ')
      issues.push(refused(`${COUNTED[problem]}: name it by the parameter select. It can be: ${ids}.`, at))
    }
    return taken.map((action) =>
      action.action
        ? {
            ...action,
            action: within(action.action, action.selectionBehavior, `${at}.where(id = '${keyOf(action)}').action`),
          }
        : action,
    )
  }
  const chosen = within(actions, undefined, expression)
  const known = new Set(flatten(actions).map(keyOf))
  for (const id of named) {
    if (!known.has(id)) issues.push(refused(`The plan has no action '${id}' that applies.`, 'select', 'value'))
  }
  return { actions: chosen, issues }
}

const COUNTED = {
  all: 'All of them are done',
  'all-or-none': 'All of them are done, or none',
  'exactly-one': 'Exactly one of them is done',
  'at-most-one': 'At most one of them is done',
  'one-or-more': 'At least one of them is done',
} as const satisfies Record<CountProblem, string>

/**
 * Holds a proposal that somebody has edited against what the plan proposes now: nothing that the plan does not know, nothing missing
 * that must be there, and of each group as many as it allows. The behaviours are the plan's; edited ones count for nothing.
 */
export function checkEdited(
  proposed: RequestGroupAction[],
  edited: RequestGroupAction[],
  omissions: Omission[] = [],
): Issue[] {
  return checkLevel({ proposed, edited, behavior: undefined, at: 'RequestGroup.action', omissions })
}

type Level = {
  proposed: RequestGroupAction[]
  edited: RequestGroupAction[]
  behavior: string | undefined
  at: string
  omissions: Omission[]
}

function checkLevel({ proposed, edited, behavior, at, omissions }: Level): Issue[] {
  const known = new Map(proposed.map((action) => [keyOf(action), action]))
  const counts = new Map<string, number>()
  for (const action of edited) counts.set(keyOf(action), (counts.get(keyOf(action)) ?? 0) + 1)
  const strange = edited.flatMap((action, i) =>
    known.has(keyOf(action))
      ? []
      : [refused(`The plan proposes no action '${keyOf(action)}' here; it may have changed since.`, `${at}[${i}]`)],
  )
  const missing = proposed.flatMap((action) => {
    const id = keyOf(action)
    if (counts.has(id)) return []
    if (action.requiredBehavior === 'must') return [refused(`The action '${id}' must be done.`, at)]
    const isTold = omissions.some(({ actionId, reason }) => actionId === id && reason.trim() !== '')
    if (action.requiredBehavior !== 'must-unless-documented' || isTold) return []
    return [refused(`Why the action '${id}' is left out must be told: the parameter omission.`, at)]
  })
  const repeated = [...counts].flatMap(([id, count]) =>
    count > 1 && known.has(id) && known.get(id)?.cardinalityBehavior !== 'multiple'
      ? [refused(`The action '${id}' is done once.`, at)]
      : [],
  )
  const taken = new Set(edited.map(keyOf).filter((id) => known.has(id))).size
  const problem = countProblem(behavior, { taken, of: proposed.length })
  const below = edited.flatMap((action, i) => {
    const plan = known.get(keyOf(action))
    // Only a group has alternatives, whatever an action says of its selection.
    if (!plan?.action && !action.action) return []
    const children = { proposed: plan?.action ?? [], edited: action.action ?? [] }
    return plan
      ? checkLevel({ ...children, behavior: plan.selectionBehavior, at: `${at}[${i}].action`, omissions })
      : []
  })
  return [...strange, ...missing, ...repeated, ...(problem ? [refused(`${COUNTED[problem]}.`, at)] : []), ...below]
}

export const flatten = (actions: RequestGroupAction[] = []): RequestGroupAction[] =>
  actions.flatMap((action) => [action, ...flatten(action.action)])

const refused = (diagnostics: string, expression: string, code: Issue['code'] = 'business-rule'): Issue => ({
  ...{ severity: 'error', code, diagnostics, expression: [expression] },
})
