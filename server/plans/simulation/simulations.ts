import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SimulationJob, Simulations } from '../../lifecycle/simulation.ts'
import { readCohort } from './cohort.ts'
import { cancelJob, findJob, insertJob } from './jobs.ts'
import { readPlanToTry } from './plan-to-try.ts'
import { runSimulation } from './run-simulation.ts'
import type { SimulationRooms } from './simulate.ts'

const POLL_MILLISECONDS = 100

export function createSimulations(rooms: SimulationRooms): Simulations {
  const { pool } = rooms
  return {
    async weigh(asked) {
      const { plan } = await readPlanToTry(pool, asked, rooms)
      return (await readCohort(pool, { ...asked, url: asked.insteadOf ?? plan.url })).length
    },

    run: (asked) => runSimulation(rooms, asked),

    async start(access, asked) {
      const id = randomUUID()
      await insertJob(pool, id, asked, access)
      return id
    },

    find: (access, id) => findJob(pool, id, access),

    async waitFor(access, id, milliseconds) {
      const end = Date.now() + milliseconds
      for (;;) {
        const job = await findJob(pool, id, access)
        if (!job || !AT_WORK.has(job.state) || Date.now() >= end) return job
        await sleep(POLL_MILLISECONDS)
      }
    },

    cancel: (access, id) => cancelJob(pool, id, access),
  }
}

const AT_WORK: ReadonlySet<SimulationJob['state']> = new Set(['waiting', 'running'])
