import type { Worker } from 'node:worker_threads'
import { type Issue, Refusal, refuse } from '../../core/fhir/outcome.ts'
import type { SimulationAsked, SimulationProgress, SimulationReport } from '../../lifecycle/simulation.ts'
import { restThread, takeThread } from './kept-thread.ts'
import { readPlanToTry } from './plan-to-try.ts'
import { watchSilence } from './silence-watch.ts'
import { reportOf, type SimulationRooms, simulate } from './simulate.ts'

/** What a thread that simulates is given, and what it says. */
export type ThreadGiven = {
  databaseUrl: string
  asked: SimulationAsked
  /** The codes of the value sets that the plan filters by: it is not the thread's to know terminologies. */
  codes: [string, ReadonlySet<string> | undefined][]
}
export type ThreadSays =
  | { progress: SimulationProgress }
  | { report: SimulationReport }
  | { refused: Issue[] }
  | { failed: string }

/** A thread that has said nothing for so long is at an expression that does not come to its end. */
const SILENT_SECONDS = 60

/**
 * Runs a simulation in a thread, one at a time, so that nobody else waits; there expressions are evaluated in place, and the thread is ended
 * when one of them does not end. A plan with CQL is simulated here, for CQL has threads of its own.
 * @param onProgress what it throws ends the simulation
 * @throws Refusal not-found, invalid, too-costly
 */
export async function runSimulation(
  rooms: SimulationRooms,
  asked: SimulationAsked,
  onProgress: (progress: SimulationProgress) => Promise<void> = async () => {},
): Promise<SimulationReport> {
  const { codes, hasCql } = await readPlanToTry(rooms.pool, asked, rooms)
  const databaseUrl = rooms.pool.options.connectionString
  if (hasCql || databaseUrl === undefined) return reportOf(await simulate(rooms, asked, { onProgress }))
  return inThread({ databaseUrl, asked, codes: [...codes] }, onProgress)
}

async function inThread(
  given: ThreadGiven,
  onProgress: (progress: SimulationProgress) => Promise<void>,
): Promise<SimulationReport> {
  const worker = takeThread()
  const answer = await answerOf(worker, given, onProgress).catch((error) => {
    void worker.terminate()
    throw error
  })
  restThread(worker)
  if ('refused' in answer) throw new Refusal(answer.refused)
  return answer.report
}

/** @throws Error when the thread has failed, fallen silent or ended, or is not wanted any more; it is then of no use to another */
async function answerOf(
  worker: Worker,
  given: ThreadGiven,
  onProgress: (progress: SimulationProgress) => Promise<void>,
): Promise<{ report: SimulationReport } | { refused: Issue[] }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ report: SimulationReport } | { refused: Issue[] }>()
  const tooLong = () => reject(refuse('too-costly', 'An expression of the plan takes too long.', 'PlanDefinition'))
  const ended = () => reject(new Error('The thread of a simulation ended in the middle of its work.'))
  const watch = watchSilence(SILENT_SECONDS, tooLong)
  const hear = (said: ThreadSays) => {
    watch.heard()
    if ('progress' in said) onProgress(said.progress).catch(reject)
    else if ('failed' in said) reject(new Error(said.failed))
    else resolve(said)
  }
  worker.on('message', hear).on('error', reject).on('exit', ended)
  worker.postMessage(given)
  try {
    return await promise
  } finally {
    watch.end()
    worker.off('message', hear).off('error', reject).off('exit', ended)
  }
}
