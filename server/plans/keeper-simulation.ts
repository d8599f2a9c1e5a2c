import { randomUUID } from 'node:crypto'
import { engineAccess } from '../access/engine-access.ts'
import type { Queryable } from '../db/pool.ts'
import type { SimulationAsked, SimulationJob } from '../lifecycle/simulation.ts'
import { cancelJob, findJob, insertJob } from './simulation/jobs.ts'

const { actor, clientId } = engineAccess('plan-keeper')
const REQUESTER = { actor, clientId }
/** So many days of enrolments are played each time; of more patients a share, the same ones each time. */
const ENROLMENT_DAYS_MAX = 20_000
/** How often it is looked whether a simulation is done. */
const POLL_MILLISECONDS = 5_000

/** Asks for a simulation that nobody waits for: whoever has time works on it. @returns id of the job */
export async function askSimulation(db: Queryable, asked: SimulationAsked): Promise<string> {
  const id = randomUUID()
  await insertJob(db, id, asked, REQUESTER)
  return id
}

/** @returns undefined for one that is gone, and must be asked for anew */
export const findSimulation = (db: Queryable, id: string): Promise<SimulationJob | undefined> =>
  findJob(db, id, REQUESTER)

export const cancelSimulation = (db: Queryable, id: string): Promise<boolean> => cancelJob(db, id, REQUESTER)

export const isAtWork = (job: SimulationJob | undefined): boolean =>
  job?.state === 'waiting' || job?.state === 'running'

/** When to look at it again. */
export const lookAgainAt = (now: Date): Date => new Date(now.getTime() + POLL_MILLISECONDS)

/** Of how many percent of the patients a simulation is, so that it ends in time. */
export function shareToPlay(enrolmentCount: number, days: number): number {
  const share = Math.floor((100 * ENROLMENT_DAYS_MAX) / (Math.max(1, enrolmentCount) * days))
  return Math.max(1, Math.min(100, share))
}
