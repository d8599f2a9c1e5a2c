/** What is on the screen, in its order, and what has come meanwhile. */
export type Steady<T> = {
  shown: readonly T[]
  /** New ones that are not shown yet. */
  waiting: readonly T[]
}

type Named = { id: string }

/**
 * The list as it should be drawn while somebody points at it or stands in it: each row where it was, with what is now said of it; what
 * has left is no longer there; what is new waits to be let in. Otherwise as it is.
 * @param before ids as they were drawn
 */
export function steady<T extends Named>(before: readonly string[], next: readonly T[], isHeld: boolean): Steady<T> {
  if (!isHeld || before.length === 0) return { shown: next, waiting: [] }
  const byId = new Map(next.map((one) => [one.id, one]))
  const known = new Set(before)
  return {
    shown: before.flatMap((id) => byId.get(id) ?? []),
    waiting: next.filter(({ id }) => !known.has(id)),
  }
}
