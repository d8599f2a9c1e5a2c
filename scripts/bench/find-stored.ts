import type { Bundle } from '@medplum/fhirtypes'
import { type Caller, expectJson } from '../caller/caller.ts'
import { PURPOSE, type Stored } from './stored-measurements.ts'

/** Enough that the same one is seldom read twice. */
const OBSERVATION_IDS_MAX = 50_000

/** What a bench before has stored and left there: 1,000,000 Observations need be stored once. @throws Error when there is nothing */
export async function findStored(caller: Caller): Promise<Stored> {
  const patients = await findIds(caller, `Patient?family:exact=${PURPOSE}`, Number.POSITIVE_INFINITY)
  if (patients.length === 0) throw new Error(`the server has no patients of the bench, whose family name is ${PURPOSE}`)
  const observationIds = await findIds(caller, 'Observation?_sort=_lastUpdated', OBSERVATION_IDS_MAX)
  const answer = await caller.call({ method: 'GET', path: 'Observation?_summary=count' })
  const { total = 0 } = expectJson<Bundle>(answer, 200)
  return { patients: patients.map((id) => `Patient/${id}`), observationIds, count: total }
}

/** Ids of what a search finds, page by page. */
export async function findIds(caller: Caller, search: string, countMax: number): Promise<string[]> {
  const ids: string[] = []
  let path: string | undefined = `${search}&_count=1000&_elements=id`
  while (path && ids.length < countMax) {
    const page: Bundle = expectJson<Bundle>(await caller.call({ method: 'GET', path }), 200)
    ids.push(...(page.entry ?? []).flatMap(({ resource }) => resource?.id ?? []))
    path = page.link?.find(({ relation }) => relation === 'next')?.url
  }
  return ids
}
