import type { Duration, Range, RequestGroupActionRelatedAction } from '@medplum/fhirtypes'
import { type Length, milliseconds } from '../time/duration.ts'

/** What an action of a plan and one of a RequestGroup have in common. */
export type Relating<Action> = {
  relatedAction?: RequestGroupActionRelatedAction[]
  action?: Action[]
}
export type Relationship = NonNullable<RequestGroupActionRelatedAction['relationship']>

/** That one action is to be done before, after or with another. */
export type Relation = {
  to: string
  relationship: Relationship
  offsetDuration?: Duration
  offsetRange?: Range
}

/** Of the action that is related to: the one edge that the relationship names. `after` and `before` are of the whole of it. */
export const EDGE: Readonly<Record<Relationship, 'start' | 'end'>> = {
  ...{ 'before-start': 'start', before: 'start', 'before-end': 'end' },
  ...{ 'concurrent-with-start': 'start', concurrent: 'start', 'concurrent-with-end': 'end' },
  ...{ 'after-start': 'start', after: 'end', 'after-end': 'end' },
} as const

/** All of it lies before the other begins. */
export const isBefore = (relationship: string | undefined): boolean =>
  relationship === 'before' || relationship === 'before-start'

/** Nothing of it can be done before the other is; unsaid it is `after`. What is to be done before that end begins with its beginning. */
export const followsEnd = (relationship: Relationship | undefined = 'after'): boolean =>
  relationship !== 'before-end' && EDGE[relationship] === 'end'

/** How the actions of a tree are told apart, and which of them are something to be done and not only a group of others. */
export type Tree<Action> = { keyOf: (action: Action) => string; isDone: (action: Action) => boolean }

/**
 * The relations between what is to be done. A group is no thing to do: what follows it follows all that is in it, what begins with it
 * begins with the first of them, and a relation of its own is one of each in it.
 * @param actions a tree
 * @returns by the key of each action that is something to do, in the order of the tree
 */
export function relationsOf<Action extends Relating<Action>>(
  actions: Action[],
  { keyOf, isDone }: Tree<Action>,
): Map<string, Relation[]> {
  const below = new Map<string, string[]>()
  const collect = (action: Action): string[] => {
    const children = (action.action ?? []).flatMap(collect)
    const own = children.length === 0 || isDone(action) ? [keyOf(action), ...children] : children
    below.set(keyOf(action), own)
    return own
  }
  actions.forEach(collect)
  const relations = new Map<string, Relation[]>()
  const visit = (action: Action, above: RequestGroupActionRelatedAction[]): void => {
    const key = keyOf(action)
    const all = [...above, ...(action.relatedAction ?? [])]
    const own = below.get(key) ?? []
    if (own[0] === key)
      relations.set(
        key,
        all.flatMap((related) => toRelations(related, key, below)),
      )
    for (const child of action.action ?? []) visit(child, all)
  }
  for (const action of actions) visit(action, [])
  return relations
}

/** What is not there, since it was not chosen or does not apply, is waited for by nobody; nor is what an action is a part of. */
function toRelations(
  { actionId, relationship = 'after', offsetDuration, offsetRange }: RequestGroupActionRelatedAction,
  key: string,
  below: ReadonlyMap<string, string[]>,
): Relation[] {
  const within = below.get(String(actionId)) ?? []
  if (within.includes(key)) return []
  const isOfOne = EDGE[relationship] === 'start' && !isBefore(relationship)
  const targets = isOfOne ? within.slice(0, 1) : relationship === 'before-end' ? within.slice(-1) : within
  return targets.map((to) => ({
    ...{ to, relationship },
    ...(offsetDuration ? { offsetDuration } : {}),
    ...(offsetRange ? { offsetRange } : {}),
  }))
}

/** That something is before another, as what the other waits for; said twice, it is one. */
export function asFollowing(relations: ReadonlyMap<string, Relation[]>): Map<string, Relation[]> {
  const following = new Map<string, Relation[]>([...relations.keys()].map((key) => [key, []]))
  const add = (key: string, relation: Relation) => {
    const known = following.get(key)
    if (known && !known.some(({ to, relationship }) => to === relation.to && relationship === relation.relationship))
      known.push(relation)
  }
  for (const [key, own] of relations) {
    for (const relation of own) {
      const { to, relationship, ...offset } = relation
      if (isBefore(relationship)) add(to, { to: key, relationship: 'after-end', ...offset })
      else add(key, relation)
    }
  }
  return following
}

const AT_ONCE: Length = { value: 0, code: 's' }

/** How far apart: a range has two ends, a duration is both. @throws Error for what is no time */
export function offsetsOf({ offsetDuration, offsetRange }: Pick<Relation, 'offsetDuration' | 'offsetRange'>): {
  low: Length
  high: Length
} {
  const low: Length = offsetRange?.low ?? offsetDuration ?? AT_ONCE
  const high: Length = offsetRange?.high ?? low
  // Told at once, also where it is only waited for.
  if (milliseconds(high) < milliseconds(low)) throw new Error('the offset ends before it begins')
  return { low, high }
}

/**
 * The first circle of actions of which each must wait for the next, such as `a`, `b`, `a`; undefined where there is an order in which
 * all of them can be done.
 */
export function circleIn(relations: ReadonlyMap<string, Relation[]>): string[] | undefined {
  const follows = new Map<string, string[]>([...relations.keys()].map((key) => [key, []]))
  for (const [key, own] of relations) {
    for (const { to, relationship } of own) {
      const [later, earlier] = isBefore(relationship) ? [to, key] : [key, to]
      follows.get(later)?.push(earlier)
    }
  }
  const done = new Set<string>()
  const walk = (key: string, path: string[]): string[] | undefined => {
    if (path.includes(key)) return [...path.slice(path.indexOf(key)), key]
    if (done.has(key)) return undefined
    for (const earlier of follows.get(key) ?? []) {
      const found = walk(earlier, [...path, key])
      if (found) return found
    }
    done.add(key)
    return undefined
  }
  for (const key of relations.keys()) {
    const found = walk(key, [])
    if (found) return found
  }
  return undefined
}
