import { performance } from 'node:perf_hooks'

/**
 * Gathers what comes at the same time and hands it on together; each item still gets its own answer.
 * One at a time on a quiet server goes through at once; under load, items wait for the round before them, and the rounds grow.
 */
export type Gather<Item, Answer> = {
  add(item: Item): Promise<Answer>
  /** How many items wait for a round. */
  waiting(): number
}

export type Round<Item, Answer> = (items: Item[]) => Promise<Answer[]>

type Waiting<Item, Answer> = {
  item: Item
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

export type GatherOptions<Item> = {
  /** How many rounds may be under way: more than one keeps the disk busy while the next is prepared. */
  roundCountMax: number
  itemCountMax: number
  /** Two items with the same key never share a round: the later one must see what the earlier one did. */
  keyOf: (item: Item) => string | undefined
  /**
   * How long a round may wait for more to come, where a round costs more than what is in it: it waits while this process has other
   * work, and no longer. Left out, and at 0, it waits for what has come in with this turn of the event loop.
   */
  patienceMillis?: number
}

/** @param round gives an answer for each item, in order; when it throws, every item of the round fails with that error */
export function createGather<Item, Answer>(
  round: Round<Item, Answer>,
  { roundCountMax, itemCountMax, keyOf, patienceMillis = 0 }: GatherOptions<Item>,
): Gather<Item, Answer> {
  let queue: Waiting<Item, Answer>[] = []
  const keysUnderWay = new Set<string>()
  let roundsUnderWay = 0
  let scheduled = false

  function schedule(): void {
    if (scheduled || queue.length === 0 || roundsUnderWay >= roundCountMax) return
    scheduled = true
    const begin = () => {
      scheduled = false
      void start()
    }
    // The requests that the event loop has already read join this round.
    setImmediate(patienceMillis > 0 ? () => whenIdle(patienceMillis, begin) : begin)
  }

  function take(): Waiting<Item, Answer>[] {
    const taken: Waiting<Item, Answer>[] = []
    const left: Waiting<Item, Answer>[] = []
    const heldBack = new Set<string>()
    for (const waiting of queue) {
      const key = keyOf(waiting.item)
      const mustWait =
        taken.length >= itemCountMax || (key !== undefined && (keysUnderWay.has(key) || heldBack.has(key)))
      if (mustWait) {
        if (key !== undefined) heldBack.add(key)
        left.push(waiting)
      } else {
        if (key !== undefined) keysUnderWay.add(key)
        taken.push(waiting)
      }
    }
    queue = left
    return taken
  }

  async function start(): Promise<void> {
    if (roundsUnderWay >= roundCountMax) return
    const taken = take()
    if (taken.length === 0) return
    roundsUnderWay += 1
    schedule()
    try {
      const answers = await round(taken.map(({ item }) => item))
      taken.forEach(({ resolve }, i) => {
        resolve(answers[i] as Answer)
      })
    } catch (error) {
      for (const { reject } of taken) reject(error)
    } finally {
      roundsUnderWay -= 1
      for (const { item } of taken) {
        const key = keyOf(item)
        if (key !== undefined) keysUnderWay.delete(key)
      }
      schedule()
    }
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        queue.push({ item, resolve, reject })
        schedule()
      }),
    waiting: () => queue.length,
  }
}

/** Calls `work` after the first turn of the event loop in which nothing came in, or after this time. */
function whenIdle(millisMax: number, work: () => void): void {
  const until = performance.now() + millisMax
  let seen = eventCount()
  const look = () => {
    const count = eventCount()
    if (count === seen || performance.now() >= until) return work()
    seen = count
    setImmediate(look)
  }
  setImmediate(look)
}

/** Of the process so far: sockets that had something, threads that were done. */
const eventCount = () => performance.nodeTiming.uvMetricsInfo.events
