import { sortedJson } from './frozen.ts'
import { shortened } from './plan-parts.ts'

/** Where both have changed one thing, each in its way; ours was kept. */
export type Conflict = { about: string; element: string; theirs?: string; ours?: string }

export type Versions<T> = { base: T; theirs: T; ours: T }

type Fields = Record<string, unknown>

/**
 * The elements of one thing, as both have changed it: what one alone has changed is as that one has it.
 * @param about what it is called in a conflict
 */
export function mergeElements<T extends object>(
  { base, theirs, ours }: Versions<T>,
  about: string,
): { merged: T; conflicts: Conflict[] } {
  const [before, other, own] = [base as Fields, theirs as Fields, ours as Fields]
  const conflicts: Conflict[] = []
  const merged: Fields = {}
  for (const name of new Set([...Object.keys(other), ...Object.keys(own)])) {
    const isOurs = !isSame(own[name], before[name])
    if (isOurs && !isSame(other[name], before[name]) && !isSame(other[name], own[name]))
      conflicts.push(conflictAt(about, name, other[name], own[name]))
    const value = isOurs ? own[name] : other[name]
    if (value !== undefined) merged[name] = value
  }
  return { merged: merged as T, conflicts }
}

function conflictAt(about: string, element: string, theirs: unknown, ours: unknown): Conflict {
  return {
    ...{ about, element },
    ...(theirs === undefined ? {} : { theirs: shortened(theirs) }),
    ...(ours === undefined ? {} : { ours: shortened(ours) }),
  }
}

export type Named<T> = Map<string, T>

/**
 * Lists of things with names, as both have changed them: added, left out, changed. What one has left out and the other has changed is a
 * conflict: ours is kept, also where it is that it is not there.
 * @param kind of thing, for conflicts
 * @returns in the order of ours, where theirs has the order of before; else in theirs, with what only we have after what it stood behind
 */
export function mergeNamed<T extends object>(
  { base, theirs, ours }: Versions<Named<T>>,
  kind: string,
): { merged: Named<T>; conflicts: Conflict[] } {
  const conflicts: Conflict[] = []
  const found = new Map<string, T>()
  for (const name of new Set([...theirs.keys(), ...ours.keys()])) {
    const [before, other, own] = [base.get(name), theirs.get(name), ours.get(name)]
    const about = `${kind} ${name}`
    if (other && own) {
      const one = mergeElements({ base: before ?? ({} as T), theirs: other, ours: own }, about)
      found.set(name, one.merged)
      conflicts.push(...one.conflicts)
    } else if (before && !isSame(before, other ?? own)) {
      conflicts.push(conflictAt(about, 'itself', other, own))
      if (own) found.set(name, own)
    } else if (!before) found.set(name, (other ?? own) as T)
  }
  const order = orderOf({ base: [...base.keys()], theirs: [...theirs.keys()], ours: [...ours.keys()] })
  return {
    merged: new Map(order.flatMap((name) => (found.has(name) ? [[name, found.get(name) as T] as const] : []))),
    conflicts,
  }
}

/** Names in order, each once. */
function orderOf({ base, theirs, ours }: Versions<string[]>): string[] {
  const [lead, other] = isSame(theirs, base) ? [ours, theirs] : [theirs, ours]
  const order = [...lead]
  other.forEach((name, i) => {
    if (order.includes(name)) return
    // Behind the nearest of those that stood before it.
    const behind = other.slice(0, i).findLast((one) => order.includes(one))
    order.splice(behind === undefined ? 0 : order.indexOf(behind) + 1, 0, name)
  })
  return order
}

const isSame = (one: unknown, other: unknown): boolean => sortedJson(one) === sortedJson(other)
