import cluster from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log.ts'

export type Forks = {
  /** Resolves when every process takes requests. */
  ready: Promise<void>
  /** Asks them to drain, and resolves when they have ended. */
  stop(): Promise<void>
}

const READY = 'ready'
/** Pause before a process that died is replaced: one that cannot start must not use up the machine. */
const PAUSE_MILLIS = 500

/**
 * API processes beside this one, on the same port. One that dies is replaced.
 * @param env what they read on top of our own environment
 */
export function startForks(count: number, env: { [name: string]: string }, log: Log): Forks {
  let stopping = false
  const fork = (): Promise<void> => {
    const worker = cluster.fork(env)
    worker.on('exit', (code, signal) => {
      if (stopping) return
      log.error({ apiPid: worker.process.pid, code, signal }, 'an API process ended by itself; starting another')
      void sleep(PAUSE_MILLIS).then(() => (stopping ? undefined : fork()))
    })
    return new Promise((resolve) => worker.on('message', (message) => message === READY && resolve()))
  }
  const ready = Promise.all(Array.from({ length: count }, fork)).then(() => undefined)
  return {
    ready,
    async stop() {
      stopping = true
      const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
      const ends = workers.map((worker) => new Promise((resolve) => worker.process.once('exit', resolve)))
      for (const worker of workers) worker.process.kill('SIGTERM')
      await Promise.all(ends)
    },
  }
}

/** Said by an API process to the one that started it. */
export function tellReady(): void {
  process.send?.(READY)
}

export const isFork = cluster.isWorker
