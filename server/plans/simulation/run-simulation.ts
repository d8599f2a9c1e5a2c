import { Worker } from 'node:worker_threads'
import { type Issue, Refusal, refuse } from '../../core/fhir/outcome.ts'
import type { SimulationAsked, SimulationProgress, SimulationReport } from '../../lifecycle/simulation.ts'
import { readPlanToTry } from './plan-to-try.ts'
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
const SILENT_MILLISECONDS = 60_000
const HEAP_MEGABYTES_MAX = 768

/**
 * Runs a simulation in a thread of its own, so that nobody else waits; there expressions are evaluated in place, and the thread is ended
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

function inThread(
  given: ThreadGiven,
  onProgress: (progress: SimulationProgress) => Promise<void>,
): Promise<SimulationReport> {
  const worker = new Worker(new URL('./simulation-thread.ts', import.meta.url), {
    workerData: given,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX },
    stdout: true,
  })
  worker.stdout.resume()
  return new Promise<SimulationReport>((resolve, reject) => {
    const tooLong = () => reject(refuse('too-costly', 'An expression of the plan takes too long.', 'PlanDefinition'))
    let watch = setTimeout(tooLong, SILENT_MILLISECONDS)
    worker.on('message', (said: ThreadSays) => {
      clearTimeout(watch)
      watch = setTimeout(tooLong, SILENT_MILLISECONDS)
      if ('progress' in said) onProgress(said.progress).catch(reject)
      else if ('report' in said) resolve(said.report)
      else if ('refused' in said) reject(new Refusal(said.refused))
      else reject(new Error(said.failed))
    })
    worker.on('error', reject)
    worker.on('exit', () => {
      clearTimeout(watch)
      reject(new Error('The thread of a simulation ended in the middle of its work.'))
    })
  }).finally(() => worker.terminate())
}
