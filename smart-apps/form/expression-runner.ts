import type { Asked, Expressed } from './expressions.ts'

/** So long all expressions of a form may take together; the server gives each of them as much. */
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

/**
 * One turn at a time, so that the time of each begins with it: whoever writes fast makes many.
 * @param start of a worker; given by tests
 */
export function openExpressionRunner(start: () => Beside = startWorker): ExpressionRunner {
  const worker = start()
  let turn = 0
  let isReady = false
  let isOver = false
  let running: Turn | undefined
  let waiting: Turn[] = []
  let limit: ReturnType<typeof setTimeout> | undefined
  const stop = () => {
    isOver = true
    worker.terminate()
    clearTimeout(loading)
    clearTimeout(limit)
    for (const { settle } of [...(running ? [running] : []), ...waiting]) settle(undefined)
    running = undefined
    waiting = []
  }
  const loading = setTimeout(stop, LOAD_MILLIS)
  const next = () => {
    if (!isReady || isOver || running) return
    running = waiting.shift()
    if (!running) return
    // A form whose expressions take too long once would take so at each answer.
    limit = setTimeout(stop, LIMIT_MILLIS)
    worker.postMessage({ turn: ++turn, asked: running.asked })
  }
  worker.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.isReady) {
      isReady = true
      clearTimeout(loading)
    } else if (data.turn === turn) {
      clearTimeout(limit)
      running?.settle(data.expressed)
      running = undefined
    }
    next()
  }
  worker.onerror = stop
  const add = (asked: Asked, isLook: boolean) =>
    new Promise<Expressed | undefined>((settle) => {
      if (isOver) return settle(undefined)
      if (isLook) {
        for (const old of waiting) if (old.isLook) old.settle(undefined)
        waiting = waiting.filter((old) => !old.isLook)
      }
      waiting.push({ asked, isLook, settle })
      next()
    })
  return { run: (asked) => add(asked, false), look: (asked) => add(asked, true), stop }
}

const startWorker = (): Beside => new Worker(new URL('./expressions-worker.ts', import.meta.url), { type: 'module' })
