import { Worker } from 'node:worker_threads'

/** Threads that answer one job at a time, and are thrown away when one takes too long. */
export type ThreadPool = {
  /**
   * @param job    what the thread is given, as text
   * @param limits of this job; waiting for a thread does not count, nor does starting one
   * @returns      what the thread gives back, as text, and how long it took
   * @throws Overrun when it takes longer or needs more memory than it may; the thread is then ended, and another one started
   */
  run(job: string, limits: Limits): Promise<Done>
  close(): Promise<void>
}

export type Limits = {
  /** From the moment at which the thread begins with the work proper. */
  milliseconds: number
  /** What it may take before: a thread that must load or translate something says when it is done with that. */
  preparingMilliseconds?: number
}

export type Done = { answer: string; milliseconds: number }

/** A job took more than it may have. */
export class Overrun extends Error {}

/** What a thread says: that it is there, that the work proper begins, or what came of it. */
export type ThreadMessage = { ready: true } | { begun: true } | { answer: string }

type Job = {
  text: string
  limits: Limits
  begunAt: number
  resolve: (done: Done) => void
  reject: (error: Error) => void
}
type Thread = { worker: Worker; isReady: boolean; job?: Job; timeout?: NodeJS.Timeout; idle?: NodeJS.Timeout }

/** A thread costs some 60 MB and 300 ms, so it is started when it is needed, and ended when nobody has needed it for a while. */
const IDLE_MILLISECONDS = 60_000
/** A thread that has not started by then never will. */
const START_MILLISECONDS = 60_000
/** Beyond this V8 ends the thread, and not the process. */
const HEAP_MEGABYTES_MAX = 384

/** @param file a module that says `{ ready: true }` and then answers each message with one `{ answer }` */
export function createThreadPool({ file, countMax }: { file: URL; countMax: number }): ThreadPool {
  const threads = new Set<Thread>()
  const waiting: Job[] = []
  let closed = false

  function start(): void {
    const worker = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX } })
    // A thread with nothing to do keeps nobody from ending.
    worker.unref()
    const thread: Thread = { worker, isReady: false }
    threads.add(thread)
    thread.timeout = setTimeout(() => end(thread, new Error('A thread did not start.')), START_MILLISECONDS).unref()
    worker.on('message', (message: ThreadMessage) => hear(thread, message))
    worker.on('error', (error) => end(thread, toError(error)))
    worker.on('exit', () => end(thread, new Error('A thread ended in the middle of its work.')))
  }

  function hear(thread: Thread, message: ThreadMessage): void {
    if (!threads.has(thread)) return
    if ('begun' in message) {
      if (!thread.job) return
      thread.job.begunAt = performance.now()
      limit(thread, thread.job.limits.milliseconds)
      return
    }
    clearTimeout(thread.timeout)
    const { job } = thread
    delete thread.job
    thread.isReady = true
    if ('answer' in message) job?.resolve({ answer: message.answer, milliseconds: performance.now() - job.begunAt })
    next()
  }

  function limit(thread: Thread, milliseconds: number): void {
    clearTimeout(thread.timeout)
    const told = new Overrun(`It took longer than ${milliseconds} ms.`)
    thread.timeout = setTimeout(() => end(thread, told), milliseconds)
  }

  function end(thread: Thread, error: Error): void {
    if (!threads.delete(thread)) return
    clearTimeout(thread.timeout)
    clearTimeout(thread.idle)
    void thread.worker.terminate()
    thread.job?.reject(error)
    // What cannot be started is told to whoever waits, or they would wait for ever.
    if (!thread.isReady && threads.size === 0) for (const job of waiting.splice(0)) job.reject(error)
    next()
  }

  function next(): void {
    for (const thread of threads) {
      if (!thread.isReady || thread.job) continue
      const job = waiting.shift()
      if (job) assign(thread, job)
      else rest(thread)
    }
    const starting = [...threads].filter(({ isReady }) => !isReady).length
    if (waiting.length > starting && threads.size < countMax) start()
  }

  function assign(thread: Thread, job: Job): void {
    clearTimeout(thread.idle)
    delete thread.idle
    thread.job = job
    job.begunAt = performance.now()
    limit(thread, job.limits.preparingMilliseconds ?? job.limits.milliseconds)
    thread.worker.postMessage(job.text)
  }

  function rest(thread: Thread): void {
    thread.idle ??= setTimeout(() => end(thread, new Error('Nobody needed it.')), IDLE_MILLISECONDS).unref()
  }

  return {
    run: (text, limits) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new Error('The threads have been ended.'))
          return
        }
        waiting.push({ text, limits, begunAt: 0, resolve, reject })
        next()
      }),
    async close() {
      closed = true
      const ended = [...threads].map(({ worker }) => worker.terminate())
      for (const thread of threads) end(thread, new Error('The threads have been ended.'))
      for (const job of waiting.splice(0)) job.reject(new Error('The threads have been ended.'))
      await Promise.all(ended)
    },
  }
}

function toError(thrown: unknown): Error {
  const isMemory =
    typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY'
  if (isMemory) return new Overrun(`It needed more than ${HEAP_MEGABYTES_MAX} MB.`)
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
