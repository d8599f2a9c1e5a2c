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
  stop(): void
}

/** @param start of a worker; given by tests */
export function openExpressionRunner(start: () => Beside = startWorker): ExpressionRunner {
  const worker = start()
  let turn = 0
  let isOver = false
  const waiting = new Map<number, (expressed: Expressed | undefined) => void>()
  const stop = () => {
    isOver = true
    worker.terminate()
    for (const settle of waiting.values()) settle(undefined)
    waiting.clear()
  }
  const ready = new Promise<void>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.isReady) return resolve()
      waiting.get(data.turn ?? 0)?.(data.expressed)
      waiting.delete(data.turn ?? 0)
    }
  })
  worker.onerror = stop
  const loading = setTimeout(stop, LOAD_MILLIS)
  void ready.then(() => clearTimeout(loading))
  return {
    async run(asked) {
      if (isOver) return undefined
      const own = ++turn
      const answer = new Promise<Expressed | undefined>((resolve) => waiting.set(own, resolve))
      void ready.then(() => {
        if (isOver) return
        worker.postMessage({ turn: own, asked })
        // A form whose expressions take too long once would take so at each answer.
        const limit = setTimeout(stop, LIMIT_MILLIS)
        void answer.then(() => clearTimeout(limit))
      })
      return answer
    },
    stop() {
      clearTimeout(loading)
      stop()
    },
  }
}

const startWorker = (): Beside => new Worker(new URL('./expressions-worker.ts', import.meta.url), { type: 'module' })
