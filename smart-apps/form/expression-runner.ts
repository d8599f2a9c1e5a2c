import type { Asked, Expressed } from './expressions.ts'

/** So long all expressions of a form may take together in one turn; the server gives each of them as much. */
const LIMIT_MILLIS = 1_000
/** FHIRPath is large, and some phones are slow. */
const LOAD_MILLIS = 20_000

type Message = { isReady?: true; turn?: number; expressed?: Expressed }
/** As much of a Worker as this needs. */
export type Beside = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>

export type ExpressionRunner = {
  /** @returns undefined where they take too long, fail, or cannot be loaded: then the form is asked as it stands, and the server works it out */
  run(asked: Asked): Promise<Expressed | undefined>
  /** The same, of answers that may have changed before their turn comes: undefined where this was asked of later ones by then. */
  look(asked: Asked): Promise<Expressed | undefined>
  stop(): void
}

type Turn = { asked: Asked; isLook: boolean; settle: (expressed: Expressed | undefined) => void }

/** So many turns in a row may take too long; a form whose expressions always do would take so at each answer. */
const SLOW_TURNS_MAX = 3

/**
 * One turn at a time, so that the time of each begins with it: whoever writes fast makes many. A turn that takes too long is ended with its
 * worker, and the next begins with a new one: a phone that was busy for a moment works the form out all the same.
 * @param start of a worker; given by tests
 */
export function openExpressionRunner(start: () => Beside = startWorker): ExpressionRunner {
  let turn = 0
  let slowTurns = 0
  let isReady = false
  let isOver = false
  let running: Turn | undefined
  let waiting: Turn[] = []
  let limit: ReturnType<typeof setTimeout> | undefined
  let loading: ReturnType<typeof setTimeout> | undefined
  let worker = begun()
  function begun(): Beside {
    const fresh = start()
    isReady = false
    loading = setTimeout(stop, LOAD_MILLIS)
    fresh.onerror = stop
    fresh.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.isReady) {
        isReady = true
        clearTimeout(loading)
      } else if (data.turn === turn) {
        slowTurns = 0
        settle(data.expressed)
      }
      next()
    }
    return fresh
  }
  function settle(expressed: Expressed | undefined): void {
    clearTimeout(limit)
    running?.settle(expressed)
    running = undefined
  }
  function end(): void {
    worker.terminate()
    worker.onmessage = worker.onerror = null
    clearTimeout(loading)
    settle(undefined)
  }
  function stop(): void {
    isOver = true
    end()
    for (const one of waiting) one.settle(undefined)
    waiting = []
  }
  function tooSlow(): void {
    slowTurns += 1
    if (slowTurns >= SLOW_TURNS_MAX) stop()
    else {
      end()
      worker = begun()
    }
  }
  function next(): void {
    if (!isReady || isOver || running) return
    running = waiting.shift()
    if (!running) return
    limit = setTimeout(tooSlow, LIMIT_MILLIS)
    worker.postMessage({ turn: ++turn, asked: running.asked })
  }
  const add = (asked: Asked, isLook: boolean) =>
    new Promise<Expressed | undefined>((settled) => {
      if (isOver) return settled(undefined)
      if (isLook) {
        for (const old of waiting) if (old.isLook) old.settle(undefined)
        waiting = waiting.filter((old) => !old.isLook)
      }
      waiting.push({ asked, isLook, settle: settled })
      next()
    })
  return { run: (asked) => add(asked, false), look: (asked) => add(asked, true), stop }
}

const startWorker = (): Beside => new Worker(new URL('./expressions-worker.ts', import.meta.url), { type: 'module' })
