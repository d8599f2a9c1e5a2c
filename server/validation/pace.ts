import type { Issue } from '../core/fhir/outcome.ts'
import { beginTurn, type Turn } from '../turns.ts'
import type { Conformance, Walk } from './walk.ts'

/** Thrown out of a walk that has taken its turn; what it had checked in long lists is kept for the next. Nobody else sees it. */
class TurnOver extends Error {}

/** How far a list has been checked, and with what result. */
type Stretch = { next: number; issues: Issue[]; errorCount: number; checked: [object, string][] }

export type PaceOptions = {
  /** Shorter lists are checked in one go. */
  itemCountMin?: number
  begin?: () => Turn
}

/**
 * Keeps one validation of something large from holding up all others. The walk is recursive and cannot stand still; so it is given
 * up where it is within a long list, begun anew when others had their turn, and goes on in the list where it was.
 */
export class Pace {
  /** Depends on where a chain of references was entered first; so all walks go by what the first has found. */
  readonly conformance: Conformance = new WeakMap()
  private readonly stretches = new WeakMap<object, Stretch>()
  private readonly itemCountMin: number
  private readonly begin: () => Turn
  private turn: Turn | undefined

  constructor({ itemCountMin = 50, begin = beginTurn }: PaceOptions = {}) {
    this.itemCountMin = itemCountMin
    this.begin = begin
  }

  /**
   * Runs `walkThrough` until it comes to its end, letting others go first whenever a turn is over.
   * @param walkThrough one whole walk, from the start
   */
  async run<T>(walkThrough: () => T): Promise<T> {
    for (;;) {
      // Anew with the first item that was not checked before: however long the way there is, each walk gets further.
      this.turn = undefined
      try {
        return walkThrough()
      } catch (error) {
        if (!(error instanceof TurnOver)) throw error
        await this.begin().next()
      }
    }
  }

  /** Checks the items of a list, from where an earlier walk has left it. @throws TurnOver */
  inList(walk: Walk, list: readonly unknown[], checkItem: (index: number) => void): void {
    if (list.length < this.itemCountMin || !walk.isAtRest) {
      for (let i = 0; i < list.length && !walk.isFull; i++) checkItem(i)
      return
    }
    const stretch = this.stretches.get(list) ?? { next: 0, issues: [], errorCount: 0, checked: [] }
    this.stretches.set(list, stretch)
    walk.take(stretch)
    while (stretch.next < list.length && !walk.isFull) {
      this.turn ??= this.begin()
      const before = walk.mark()
      checkItem(stretch.next)
      const found = walk.since(before)
      stretch.issues.push(...found.issues)
      stretch.checked.push(...found.checked)
      stretch.errorCount += found.errorCount
      stretch.next++
      if (this.turn.isOver()) throw new TurnOver()
    }
  }
}
