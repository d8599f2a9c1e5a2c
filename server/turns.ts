import { setImmediate as nextTurn } from 'node:timers/promises'

/** Longer than this nobody else should wait; short enough to be asked often, long enough that asking costs nothing. */
const TURN_MILLISECONDS = 10

/**
 * One stretch of work on the event loop, for what comes in steps of its own.
 * @example if (turn.isOver()) await turn.next()
 */
export type Turn = {
  /** Whether it has taken so long that others should have theirs. */
  isOver(): boolean
  /** Lets all others go first, then begins another. */
  next(): Promise<void>
}

export function beginTurn(): Turn {
  let began = performance.now()
  return {
    isOver: () => performance.now() - began >= TURN_MILLISECONDS,
    async next() {
      await nextTurn()
      began = performance.now()
    },
  }
}

/**
 * Does `work` for each item, in order, and lets others have their turn on the event loop after each ten milliseconds of it.
 * For what a caller may make as long as they like, such as a Bundle of thousands of entries.
 */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Result,
): Promise<Awaited<Result>[]> {
  const results: Awaited<Result>[] = []
  const turn = beginTurn()
  for (const [index, item] of items.entries()) {
    const result = work(item, index)
    results.push((result instanceof Promise ? await result : result) as Awaited<Result>)
    if (turn.isOver()) await turn.next()
  }
  return results
}
