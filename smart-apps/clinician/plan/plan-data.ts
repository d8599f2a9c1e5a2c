import type {
  BundleEntry,
  CarePlan,
  CareTeam,
  Composition,
  Goal,
  PlanDefinition,
  Provenance,
  Resource,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import { TASK_CODE } from '../../../server/core/decide/plan/vocabulary.ts'
import { type FhirClient, ofType, type Stored } from '../../fhir/client.ts'
import { orMissing } from '../../fhir/missing.ts'

export type Enrolment = CarePlan & { id: string }
export type StoredRequest = ServiceRequest & { id: string }

/** What one person's plans are made of, and what has ended. */
export type PlanWork = {
  goals: (Goal & { id: string })[]
  requests: StoredRequest[]
  ended: Enrolment[]
  summaries: Composition[]
  /** `Organization/7`, where who is signed in works. */
  organizations: ReadonlySet<string>
  /** What could not be read although the rest could. */
  isPartial: boolean
}

export async function readPlanWork(
  fhir: FhirClient,
  { patient, practitioner }: { patient: string; practitioner: string | undefined },
  signal: AbortSignal,
): Promise<PlanWork> {
  const [goals, requests, ended, summaries, roles] = await Promise.all([
    fhir.search('Goal', { patient, _count: 100 }, signal),
    fhir.search('ServiceRequest', { patient, status: 'active,on-hold,draft', _count: 200 }, signal),
    fhir.search('CarePlan', { patient, status: 'completed,revoked', _sort: '-_lastUpdated', _count: 10 }, signal),
    orMissing(fhir.search('Composition', { patient, _sort: '-date', _count: 10 }, signal)),
    practitioner
      ? orMissing(fhir.search('PractitionerRole', { practitioner, active: 'true', _count: 50 }, signal))
      : undefined,
  ])
  return {
    goals: ofType(goals, 'Goal'),
    requests: ofType(requests, 'ServiceRequest'),
    ended: ofType(ended, 'CarePlan'),
    summaries: summaries ? ofType(summaries, 'Composition') : [],
    organizations: new Set(
      roles ? ofType(roles, 'PractitionerRole').flatMap(({ organization }) => organization?.reference ?? []) : [],
    ),
    isPartial: summaries === undefined,
  }
}

/** Whose plan it is to change: of a team that they are in, or that their organization has. A plan without a team is everybody's. */
export function isOurs(
  { careTeam }: CarePlan,
  teams: readonly CareTeam[],
  me: { practitioner: string | undefined; organizations: ReadonlySet<string> },
): boolean {
  const reference = careTeam?.[0]?.reference
  if (!reference) return true
  const team = teams.find(({ id }) => reference === `CareTeam/${id}`)
  if (!team) return false
  const isMe = (given: string | undefined) =>
    given !== undefined && (given === me.practitioner || me.organizations.has(given))
  return (
    (team.managingOrganization?.some(({ reference }) => isMe(reference)) ?? false) ||
    (team.participant?.some(({ member, onBehalfOf }) => isMe(member?.reference) || isMe(onBehalfOf?.reference)) ??
      false)
  )
}

/** What is asked of the patient in a plan. What several plans ask for together is in each. */
export const requestsOf = (requests: readonly StoredRequest[], carePlan: Enrolment): StoredRequest[] =>
  requests.filter(({ basedOn }) => basedOn?.some(({ reference }) => reference === `CarePlan/${carePlan.id}`))

/** 1.10.0 comes after 1.9.0. */
const ORDER = new Intl.Collator('en', { numeric: true })

/** The version that would be newer than the one that somebody follows. */
export function newerVersion(
  { instantiatesCanonical }: CarePlan,
  plans: readonly PlanDefinition[],
): (PlanDefinition & { id: string }) | undefined {
  const [url, version] = instantiatesCanonical?.[0]?.split('|') ?? []
  if (!version) return undefined
  const isNewer = ({ version: other = '' }: PlanDefinition) => ORDER.compare(other, version) > 0
  return plans
    .filter((plan): plan is PlanDefinition & { id: string } => plan.url === url && plan.status === 'active')
    .filter(isNewer)
    .sort((one, other) => ORDER.compare(other.version ?? '', one.version ?? ''))[0]
}

/** A change with who made it and why, both or neither. @returns the version that was written */
export async function changeWithReason(
  fhir: FhirClient,
  resource: Stored,
  { reason, practitioner, patient, now }: { reason: string; practitioner: string; patient: string; now: Date },
): Promise<string> {
  const { meta, ...content } = resource
  const provenance: Provenance = {
    resourceType: 'Provenance',
    target: [{ reference: `${resource.resourceType}/${resource.id}` }, { reference: `Patient/${patient}` }],
    recorded: now.toISOString(),
    reason: [{ text: reason }],
    agent: [{ who: { reference: practitioner } }],
  }
  const entry: BundleEntry[] = [
    {
      resource: content as Resource,
      request: {
        ...{ method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
        ...(meta?.versionId ? { ifMatch: `W/"${meta.versionId}"` } : {}),
      },
    },
    { resource: provenance, request: { method: 'POST', url: 'Provenance' } },
  ]
  const answer = await fhir.transact(entry)
  return /"(.+)"/.exec(answer.entry?.[0]?.response?.etag ?? '')?.[1] ?? ''
}

/** What others own is not changed from here: they are asked to. */
export function suggestion(
  carePlan: Enrolment,
  { words, practitioner, now }: { words: string; practitioner: string; now: Date },
): Task {
  const owner = carePlan.careTeam?.[0]
  return {
    ...{ resourceType: 'Task', status: 'requested', intent: 'proposal', priority: 'routine' },
    code: { coding: [{ system: TASK_CODE, code: 'carry-out' }] },
    description: words,
    reasonCode: { text: words },
    focus: { reference: `CarePlan/${carePlan.id}` },
    for: carePlan.subject,
    requester: { reference: practitioner },
    ...(owner ? { owner } : {}),
    authoredOn: now.toISOString(),
  }
}
