import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import type { Job } from '../store/reindex/jobs.ts'

/**
 * SearchParameter/{id}/$reindex-status: how far the resources that are older than a search parameter are indexed for it. One
 * `type` for each resource type; none for a parameter that is not in use. An operation of this server's own.
 * @throws Refusal not-found, deleted
 */
export async function reindexStatus({ access, type, id }: Exchange, { store, reindexJobs }: Rooms): Promise<Reply> {
  await store.read(access, type, id)
  const jobs = await reindexJobs(id)
  const status: Parameters = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'finished', valueBoolean: jobs.every(({ finished_at }) => finished_at !== null) },
      ...jobs.map(toParameter),
    ],
  }
  return { status: 200, text: JSON.stringify(status) }
}

/** `total` is as it was when the work began; it is missing as long as it has not. */
function toParameter({ type, code, done, total, finished_at }: Job): ParametersParameter {
  return {
    name: 'type',
    part: [
      { name: 'name', valueCode: type },
      { name: 'code', valueCode: code },
      { name: 'done', valueInteger: done },
      ...(total === null ? [] : [{ name: 'total', valueInteger: total }]),
      ...(finished_at === null ? [] : [{ name: 'finished', valueInstant: finished_at.toISOString() }]),
    ],
  }
}
