/** What is on the screen, in its order, what has come meanwhile, and what has become red where it stands. */
export type Steady<T> = {
  shown: readonly T[]
  /** New ones that are not shown yet. */
  waiting: readonly T[]
  /** Shown below what is not red, which is not where it belongs: it was not red yet when it was put there. */
  risen: readonly T[]
  /** The colours that `shown` was put in order by, by id: what is given as `before` the next time. */
  placed: Placed
}

/** By id, in the order of the screen: the colour that each was put there for. */
export type Placed = ReadonlyMap<string, string>

type Coloured = { id: string; first: { zone: string } }

/**
 * The list as it should be drawn while somebody points at it or stands in it: each row where it was, with what is now said of it; what
 * has left is no longer there; what is new waits to be let in. Otherwise as it is.
 * @param before as they were drawn
 */
export function steady<T extends Coloured>(before: Placed, next: readonly T[], isHeld: boolean): Steady<T> {
  if (!isHeld || before.size === 0)
    return { shown: next, waiting: [], risen: [], placed: new Map(next.map(({ id, first }) => [id, first.zone])) }
  const byId = new Map(next.map((one) => [one.id, one]))
  const shown = [...before.keys()].flatMap((id) => byId.get(id) ?? [])
  const firstOther = shown.findIndex(({ first }) => first.zone !== 'red')
  return {
    shown,
    waiting: next.filter(({ id }) => !before.has(id)),
    risen: shown.filter(
      ({ id, first }, at) => first.zone === 'red' && before.get(id) !== 'red' && firstOther >= 0 && at > firstOther,
    ),
    placed: new Map([...before].filter(([id]) => byId.has(id))),
  }
}
