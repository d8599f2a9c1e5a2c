import { Worker } from 'node:worker_threads'

/** A plan's forecast, or the trials of quieter versions, are several simulations with pauses between them. */
const REST_MILLISECONDS = 30_000
const HEAP_MEGABYTES_MAX = 768

let resting: { worker: Worker; end: NodeJS.Timeout } | undefined

/**
 * A thread for one simulation at a time: one that has done another shortly before, or a new one. Before it begins, a new one costs more than a
 * second of a processor, for what it loads and for the plans that it reads and compiles.
 * @returns whoever takes it ends it with `terminate`, or puts it to rest
 */
export function takeThread(): Worker {
  if (resting) {
    const { worker } = resting
    wake()
    worker.ref()
    return worker
  }
  const worker = new Worker(new URL('./simulation-thread.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX },
    // What libraries say there is nobody's business. To read it would keep the process from ending.
    stdout: true,
  })
  // Who waits for it hears of it; nobody else need fall over it.
  worker.on('error', () => {})
  return worker
}

/** For the next simulation, if one comes soon. One thread rests at most, and keeps no process from ending. */
export function restThread(worker: Worker): void {
  if (resting) {
    void worker.terminate()
    return
  }
  worker.unref()
  const end = () => {
    // First, for it takes a moment to end, in which nobody may be given it.
    wake()
    void worker.terminate()
  }
  resting = { worker, end: setTimeout(end, REST_MILLISECONDS).unref() }
  // What ends of itself while it rests is not given to anybody.
  worker.on('error', wake).on('exit', wake)
}

function wake(): void {
  if (!resting) return
  clearTimeout(resting.end)
  resting.worker.off('error', wake).off('exit', wake)
  resting = undefined
}
