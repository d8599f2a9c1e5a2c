import { parentPort } from 'node:worker_threads'
import type { ThreadMessage } from './thread-pool.ts'

/** What a thread of a pool says, each time with what it has taken of the processor so far: to ask it from outside costs both of them more. */
export function say(message: ThreadMessage): void {
  const { user, system } = process.threadCpuUsage()
  parentPort?.postMessage({ ...message, usedMilliseconds: (user + system) / 1_000 })
}
