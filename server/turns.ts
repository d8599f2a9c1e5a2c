import { setImmediate as nextTurn } from 'node:timers/promises'

/** Longer than this nobody else should wait; short enough to be asked often, long enough that asking costs nothing. */
const TURN_MILLISECONDS = 10

/**
 * Does `work` for each item, in order, and lets others have their turn on the event loop after each ten milliseconds of it.
 * For what a caller may make as long as they like, such as a Bundle of thousands of entries.
 */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Result,
): Promise<Awaited<Result>[]> {
  const results: Awaited<Result>[] = []
  let turnBegan = performance.now()
  for (const [index, item] of items.entries()) {
    const result = work(item, index)
    results.push((result instanceof Promise ? await result : result) as Awaited<Result>)
    if (performance.now() - turnBegan < TURN_MILLISECONDS) continue
    await nextTurn()
    turnBegan = performance.now()
  }
  return results
}
