import { Refusal, toOutcome } from '../../fhir/outcome.ts'
import type { Resource } from '../../fhir/resource.ts'
import type { Log } from '../../log.ts'
import { createBell } from '../bell.ts'
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
  const bell = createBell()
  let stopped = false

  /** @returns whether there was something to do */
  async function workOnNext(): Promise<boolean> {
    const job = await claimJob(pool)
    if (!job) return false
    let toldAt = 0
    try {
      const { parameters } = await runSimulation(rooms, job.asked, async (progress) => {
        if (!stopped && Date.now() - toldAt < TELL_MILLISECONDS) return
        toldAt = Date.now()
        if (stopped || !(await keepAlive(pool, job.id, progress))) throw new Cancelled()
      })
      await finishJob(pool, job.id, { done: parameters })
    } catch (error) {
      if (error instanceof Cancelled) {
        if (stopped) await releaseJob(pool, job.id)
        return !stopped
      }
      if (!(error instanceof Refusal)) log.error({ err: error, job: job.id }, 'a simulation failed')
      await finishJob(pool, job.id, { failed: toOutcome(error, job.id).outcome as unknown as Resource })
    }
    return true
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        if (await workOnNext()) continue
        await forgetOldJobs(pool)
        if (!stopped) await bell.wait(POLL_MILLISECONDS)
      } catch (error) {
        log.warn({ err: error }, 'the simulator tries again')
        if (!stopped) await bell.wait(FAILED_MILLISECONDS)
      }
    }
  }

  const running = run()
  return async () => {
    stopped = true
    bell.ring()
    await running
  }
}
