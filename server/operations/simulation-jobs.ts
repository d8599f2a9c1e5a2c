import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import type { SimulationJob } from '../lifecycle/simulation.ts'
import { done, inProgress, removed } from './async-job.ts'

/** Where the state of a simulation is asked for, below the FHIR base. */
export const jobPath = (id: string): string => `$simulations/${id}`
const RETRY_SECONDS = 5

/**
 * GET $simulations/{id}: 202 with X-Progress and Retry-After while it goes on, then the manifest that tells where the result is.
 * @throws Refusal not-found (no such job of the caller's, or cancelled); what the simulation itself was refused with
 * @see https://hl7.org/fhir/R4/async.html#3.1.6.4
 */
export async function simulationStatus({ access, id }: Exchange, { simulations, baseUrl }: Rooms): Promise<Reply> {
  const job = await simulations.find(access, id)
  if (!job || job.state === 'cancelled') throw noJob(id)
  if (job.state === 'failed') throw failureOf(job)
  if (job.state !== 'done') return inProgress(jobPath(id), inWords(job), RETRY_SECONDS)
  const manifest = {
    transactionTime: job.requestedAt.toISOString(),
    request: `${baseUrl}/PlanDefinition/${job.plan}/$simulate`,
    requiresAccessToken: true,
    output: [{ type: 'Parameters', url: `${baseUrl}/${jobPath(id)}/result` }],
    error: [],
  }
  return done(manifest, job.keptUntil)
}

/** GET $simulations/{id}/result: the Parameters. @throws Refusal not-found while there is none */
export async function simulationResult({ access, id }: Exchange, { simulations }: Rooms): Promise<Reply> {
  const job = await simulations.find(access, id)
  if (job?.state === 'failed') throw failureOf(job)
  if (job?.state !== 'done') throw noJob(id)
  return { status: 200, text: job.result ?? '' }
}

/** DELETE $simulations/{id}: it is not wanted any more; what works on it stops soon. @throws Refusal not-found */
export async function cancelSimulation({ access, id }: Exchange, { simulations }: Rooms): Promise<Reply> {
  if (!(await simulations.cancel(access, id))) throw noJob(id)
  return removed('The simulation was cancelled.')
}

const noJob = (id: string) => refuse('not-found', `There is no simulation ${id} of yours, or no result of it yet.`)

function inWords({ state, progress }: SimulationJob): string {
  if (state === 'waiting' || !progress) return 'waiting'
  const { patientsDone, patientCount, happenedCount } = progress
  return `${patientsDone} of ${patientCount} patients, ${happenedCount} measurements and changes`
}

/** What it was refused with when it ran. */
function failureOf({ result }: SimulationJob): Error {
  const { issue = [] } = JSON.parse(result ?? '{}') as { issue?: ConstructorParameters<typeof Refusal>[0] }
  return new Refusal(issue, issue.some(({ code }) => code === 'exception') ? 500 : undefined)
}
