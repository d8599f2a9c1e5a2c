import type { CarePlan, ServiceRequest } from '@medplum/fhirtypes'
import { isAssessable } from '../core/decide/happening.ts'
import type { PlannedAhead } from '../core/decide/planned-change/planned-ahead.ts'
import { changesOf } from '../core/decide/planned-change/planned-change.ts'
import type { NoDecision } from '../core/decide/words/explanation-words.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import type { Asked } from './decisions-of.ts'
import { plannedThen } from './planned-then.ts'
import { ReaderThen } from './reader-then.ts'

export type Nothing = {
  reason: NoDecision
  /** What was planned ahead for who follows the patient, and for what they are asked for. */
  planned: PlannedAhead[]
}

/** Why nothing was decided about a resource, or about a patient in a time: looked up in what there was then. */
export async function whyNothing(
  exchange: Exchange,
  rooms: Rooms,
  { version, resource, patient }: Asked,
  until: string,
): Promise<Nothing> {
  if (resource.resourceType === 'Task') return { reason: 'not-by-rule', planned: [] }
  if (patient === undefined) return { reason: 'no-patient', planned: [] }
  const isPatient = resource.resourceType === 'Patient'
  const handling = isPatient ? 'handled' : await rooms.handling(version)
  if (handling !== 'handled') return { reason: handling, planned: [] }
  const at = isPatient ? until : version.lastUpdated
  const carePlans = await carePlansAt(exchange, rooms, patient, at)
  const requests = isPatient ? await requestsAt(exchange, rooms, patient, at) : []
  const planned = await plannedThen(rooms, [...carePlans, ...requests], new Date(at))
  return { reason: reasonOf(resource as Resource, carePlans), planned }
}

function reasonOf(resource: Resource, carePlans: CarePlan[]): NoDecision {
  if (carePlans.length === 0) return 'not-followed'
  if (carePlans.every(({ status }) => status !== 'active')) return 'on-hold'
  if (resource.resourceType === 'Patient') return 'nothing-came'
  return isAssessable(resource) ? 'not-listened-to' : 'not-assessable'
}

/** What the patient was asked for, as far as something was planned ahead for it then: that may have been withdrawn since. */
async function requestsAt({ access }: Exchange, rooms: Rooms, patient: string, at: string): Promise<ServiceRequest[]> {
  const reader = new ReaderThen(access, rooms)
  const now = await reader.search('ServiceRequest', { patient })
  const then = (await reader.allAsOf(now, at)) as unknown as ServiceRequest[]
  return then.filter((one) => changesOf(one).length > 0)
}

/** The patient's CarePlans that follow a plan, as they were at that moment. */
async function carePlansAt({ access }: Exchange, rooms: Rooms, patient: string, at: string): Promise<CarePlan[]> {
  const reader = new ReaderThen(access, rooms)
  const then = await reader.allAsOf(await reader.search('CarePlan', { patient }), at)
  return (then as unknown as CarePlan[]).filter(({ instantiatesCanonical = [] }) => instantiatesCanonical.length > 0)
}
