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
  /**
   * Of the processor's time, from the moment at which the thread begins with the work proper: on a machine that is busy with other
   * things nothing is thrown away that is only slow. Ten times as long by the clock is too long in any case.
   */
  milliseconds: number
  /** What it may take before: a thread that must load or translate something says when it is done with that. */
  preparingMilliseconds?: number
}

export type Done = { answer: string; milliseconds: number }

/** A job took more than it may have. */
export class Overrun extends Error {}

/** What a thread says: that it is there, that the work proper begins, or what came of it. */
export type ThreadMessage = { ready: true } | { begun: true } | { answer: string }
/** With it comes how long it has used the processor since it was started. */
type Used = { usedMilliseconds: number }

type Job = {
  text: string
  limits: Limits
  begunAt: number
  resolve: (done: Done) => void
  reject: (error: Error) => void
}
type Thread = {
  worker: Worker
  isReady: boolean
  /** What it had taken of the processor when it last spoke. A thread that rests takes nothing. */
  usedMilliseconds: number
  job?: Job
  timeout?: NodeJS.Timeout
  idle?: NodeJS.Timeout
}

/** A thread costs some 60 MB and 300 ms, so it is started when it is needed, and ended when nobody has needed it for a while. */
const IDLE_MILLISECONDS = 60_000
/** A thread that has not started by then never will. */
const START_MILLISECONDS = 180_000
/** By the clock, of what a job may take of the processor. */
const CLOCK_FACTOR_MAX = 10
const LOOK_MILLISECONDS_MIN = 5
/** Beyond this V8 ends the thread, and not the process. */
const HEAP_MEGABYTES_MAX = 384

/** @param file a module that says `{ ready: true }` and then answers each message with one `{ answer }` */
export function createThreadPool({ file, countMax }: { file: URL; countMax: number }): ThreadPool {
  const threads = new Set<Thread>()
  const waiting: Job[] = []
  let closed = false

  function start(): void {
    const worker = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX }, stdout: true })
    // What libraries say on stdout while they load is nobody's business.
    worker.stdout.resume()
    // A thread with nothing to do keeps nobody from ending.
    worker.unref()
    const thread: Thread = { worker, isReady: false, usedMilliseconds: 0 }
    threads.add(thread)
    thread.timeout = setTimeout(() => end(thread, new Error('A thread did not start.')), START_MILLISECONDS).unref()
    worker.on('message', (message: ThreadMessage & Used) => hear(thread, message))
    worker.on('error', (error) => end(thread, toError(error)))
    worker.on('exit', () => end(thread, new Error('A thread ended in the middle of its work.')))
  }

  function hear(thread: Thread, message: ThreadMessage & Used): void {
    if (!threads.has(thread)) return
    thread.usedMilliseconds = message.usedMilliseconds
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
    const { job } = thread
    const endAt = performance.now() + milliseconds * CLOCK_FACTOR_MAX
    const usedBefore = thread.usedMilliseconds
    const lookAfter = (wait: number) => {
      clearTimeout(thread.timeout)
      thread.timeout = setTimeout(() => void look(), wait)
    }
    const look = async () => {
      const used = (await usedMilliseconds(thread)) - usedBefore
      if (thread.job !== job || !threads.has(thread)) return
      const left = Math.min(milliseconds - used, endAt - performance.now())
      if (left <= 0) end(thread, new Overrun(`It took longer than ${milliseconds} ms.`))
      else lookAfter(Math.max(left, LOOK_MILLISECONDS_MIN))
    }
    lookAfter(milliseconds)
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

/** What a thread has taken of the processor; for one that has ended it does not matter any more. */
const usedMilliseconds = ({ worker }: Thread): Promise<number> =>
  worker.cpuUsage().then(
    ({ user, system }) => (user + system) / 1_000,
    () => Number.POSITIVE_INFINITY,
  )

function toError(thrown: unknown): Error {
  const isMemory =
    typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY'
  if (isMemory) return new Overrun(`It needed more than ${HEAP_MEGABYTES_MAX} MB.`)
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
