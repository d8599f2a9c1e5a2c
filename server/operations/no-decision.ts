import type { CarePlan } from '@medplum/fhirtypes'
import { isAssessable } from '../core/decide/happening.ts'
import type { NoDecision } from '../core/decide/words/explanation-words.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import type { Asked } from './decisions-of.ts'

/** Why nothing was decided about a resource, or about a patient in a time: looked up in what there was then. */
export async function whyNothing(
  exchange: Exchange,
  rooms: Rooms,
  { version, resource, patient }: Asked,
  until: string,
): Promise<NoDecision> {
  if (resource.resourceType === 'Task') return 'not-by-rule'
  if (patient === undefined) return 'no-patient'
  const isPatient = resource.resourceType === 'Patient'
  const handling = isPatient ? 'handled' : await rooms.handling(version)
  if (handling !== 'handled') return handling
  const carePlans = await carePlansAt(exchange, rooms, patient, isPatient ? until : version.lastUpdated)
  if (carePlans.length === 0) return 'not-followed'
  if (carePlans.every(({ status }) => status !== 'active')) return 'on-hold'
  if (isPatient) return 'nothing-came'
  return isAssessable(resource as Resource) ? 'not-listened-to' : 'not-assessable'
}

/** The patient's CarePlans that follow a plan, as they were at that moment. */
async function carePlansAt({ access }: Exchange, rooms: Rooms, patient: string, at: string): Promise<CarePlan[]> {
  const { store, definitions } = rooms
  const query = parseSearch(definitions, 'CarePlan', new URLSearchParams({ patient, _count: '100' }), 'strict')
  const { matches } = await store.search(access, query)
  const low = at
  const high = new Date(Date.parse(at) + 1).toISOString()
  const then = await Promise.all(
    matches.map(({ id }) => store.history(access, 'CarePlan', id, { count: 1, at: { low, high } })),
  )
  return then
    .flatMap(({ versions }) => versions.slice(0, 1))
    .flatMap(({ text }) => (text ? [JSON.parse(text) as CarePlan] : []))
    .filter(({ instantiatesCanonical = [] }) => instantiatesCanonical.length > 0)
}
