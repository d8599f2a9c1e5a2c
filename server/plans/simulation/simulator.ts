import { Refusal, toOutcome } from '../../core/fhir/outcome.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import type { Log } from '../../log.ts'
import { startLoop } from '../../process/loop.ts'
import { claimJob, finishJob, forgetOldJobs, keepAlive, releaseJob } from './jobs.ts'
import { runSimulation } from './run-simulation.ts'
import type { SimulationRooms } from './simulate.ts'

export type SimulatorRooms = SimulationRooms & { log: Log }

/** How often the rest of the house is told how far it is. */
const TELL_MILLISECONDS = 1_000
const POLL_MILLISECONDS = 1_000
const FAILED_MILLISECONDS = 10_000

class Cancelled extends Error {}

/**
 * Works on the simulations that callers do not wait for, one after the other. Any number of simulators may run, in any number of
 * processes; a job whose process has died is begun anew by another.
 * @returns ends it; what it was at is begun anew elsewhere, or at the next start
 */
export function startSimulator(rooms: SimulatorRooms): () => Promise<void> {
  const { pool, log } = rooms

  /** @returns whether there was something to do */
  async function workOnNext(isStopped: () => boolean): Promise<boolean> {
    const job = await claimJob(pool)
    if (!job) return false
    let toldAt = 0
    try {
      const { parameters } = await runSimulation(rooms, job.asked, async (progress) => {
        if (!isStopped() && Date.now() - toldAt < TELL_MILLISECONDS) return
        toldAt = Date.now()
        if (isStopped() || !(await keepAlive(pool, job.id, progress))) throw new Cancelled()
      })
      await finishJob(pool, job.id, { done: parameters })
    } catch (error) {
      if (error instanceof Cancelled) {
        if (isStopped()) await releaseJob(pool, job.id)
        return !isStopped()
      }
      if (!(error instanceof Refusal)) log.error({ err: error, job: job.id }, 'a simulation failed')
      await finishJob(pool, job.id, { failed: toOutcome(error, job.id).outcome as unknown as Resource })
    }
    return true
  }

  const { stop } = startLoop(async (isStopped) => {
    try {
      if (await workOnNext(isStopped)) return 0
      await forgetOldJobs(pool)
      return POLL_MILLISECONDS
    } catch (error) {
      log.warn({ err: error }, 'the simulator tries again')
      return FAILED_MILLISECONDS
    }
  })
  return stop
}
