/** What an action says of whether it is done, beside whether it applies. */
export type Choosable = { requiredBehavior?: string; precheckBehavior?: string }

const ALTERNATIVES = new Set(['exactly-one', 'at-most-one'])

/**
 * Those of the actions of a group that are done: what must be, what is named, else what is usually done; of alternatives what
 * must be or is named, else the one that is marked as usual.
 * @param behavior of the group
 * @param isNamed whether somebody has asked for an action
 * @see https://hl7.org/fhir/R4/plandefinition.html#behavior
 */
export function takenOf<Action extends Choosable>(
  all: Action[],
  behavior: string | undefined,
  isNamed: (action: Action) => boolean = () => false,
): Action[] {
  const isWanted = (action: Action) => isNamed(action) || action.requiredBehavior === 'must'
  if (behavior === 'all') return all
  if (behavior === 'all-or-none') {
    return all.some(isWanted) || !all.every(({ precheckBehavior }) => precheckBehavior === 'no') ? all : []
  }
  if (behavior && ALTERNATIVES.has(behavior)) {
    const wanted = all.filter(isWanted)
    return wanted.length > 0 ? wanted : all.filter(({ precheckBehavior }) => precheckBehavior === 'yes')
  }
  return all.filter((action) => isWanted(action) || action.precheckBehavior !== 'no')
}

/** What a group asks for, where it does not hold as many as it may. */
export type CountProblem = 'all' | 'all-or-none' | 'exactly-one' | 'at-most-one' | 'one-or-more'

/** Whether a group holds as many as it may. https://hl7.org/fhir/R4/valueset-action-selection-behavior.html */
export function countProblem(
  behavior: string | undefined,
  { taken, of }: { taken: number; of: number },
): CountProblem | undefined {
  switch (behavior) {
    case 'all':
      return taken < of ? behavior : undefined
    case 'all-or-none':
      return taken > 0 && taken < of ? behavior : undefined
    case 'exactly-one':
      return taken === 1 ? undefined : behavior
    case 'at-most-one':
      return taken > 1 ? behavior : undefined
    case 'one-or-more':
      return taken === 0 ? behavior : undefined
    default:
      return undefined
  }
}
