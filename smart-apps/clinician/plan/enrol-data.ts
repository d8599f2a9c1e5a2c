import type {
  CarePlan,
  CareTeam,
  Condition,
  Consent,
  Device,
  Parameters,
  ParametersParameter,
  Patient,
  PlanDefinition,
  Task,
} from '@medplum/fhirtypes'
import { FYLGJE, TASK_CODE } from '../../../server/core/decide/plan/vocabulary.ts'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import { orMissing } from '../../fhir/missing.ts'
import type { ActRequest } from '../task/act.ts'

/** What somebody chooses between, and what the record says. */
export type Choices = {
  patient: Patient & { id: string }
  plans: (PlanDefinition & { id: string })[]
  /** Canonical urls of what the patient is in already. */
  followed: ReadonlySet<string>
  teams: (CareTeam & { id: string })[]
  consents: (Consent & { id: string })[]
  conditions: Condition[]
  devices: Device[]
  /** `CareTeam/7`, for who lives where the patient does. */
  suggestedTeam?: string
  /** Some of what stands beside could not be read. */
  isPartial: boolean
}

export async function readChoices(fhir: FhirClient, id: string, signal: AbortSignal): Promise<Choices> {
  const [patient, plans, carePlans, teams, consents, conditions, devices, suggested] = await Promise.all([
    fhir.read('Patient', id, signal),
    fhir.search('PlanDefinition', { status: 'active', _count: 100 }, signal),
    fhir.search('CarePlan', { patient: id, status: 'active,on-hold', _count: 50 }, signal),
    fhir.search('CareTeam', { status: 'active', _count: 100 }, signal),
    orMissing(fhir.search('Consent', { patient: id, status: 'active', _count: 50 }, signal)),
    orMissing(fhir.search('Condition', { patient: id, _count: 50 }, signal)),
    orMissing(fhir.search('Device', { patient: id, status: 'active', _count: 50 }, signal)),
    orMissing(fhir.operation<Parameters>(`Patient/${id}/$suggest-team`, [], { signal })),
  ])
  const team = suggested?.parameter
    ?.filter(({ name }) => name === 'suggestion')
    .map(({ part }) => part?.find(({ name }) => name === 'team')?.valueReference?.reference)
    .find(Boolean)
  return {
    patient: patient as Patient & { id: string },
    plans: ofType(plans, 'PlanDefinition').filter(isForPatients),
    followed: new Set(
      ofType(carePlans, 'CarePlan').flatMap(({ instantiatesCanonical }) =>
        (instantiatesCanonical ?? []).map((one) => one.split('|')[0] ?? ''),
      ),
    ),
    // A team of one patient is that patient's; those without are for everybody.
    teams: ofType(teams, 'CareTeam').filter(
      ({ subject }) => !subject?.reference || subject.reference === `Patient/${id}`,
    ),
    consents: consents ? ofType(consents, 'Consent') : [],
    conditions: conditions ? ofType(conditions, 'Condition') : [],
    devices: devices ? ofType(devices, 'Device') : [],
    ...(team && { suggestedTeam: team }),
    isPartial: [consents, conditions, devices, suggested].includes(undefined),
  }
}

/** Nobody is followed by a plan that only answers an EHR (`eca-rule`). */
const isForPatients = ({ subjectCodeableConcept, type }: PlanDefinition): boolean =>
  (subjectCodeableConcept?.coding?.every(({ code }) => code === 'Patient') ?? true) &&
  !type?.coding?.some(({ code }) => code === 'eca-rule')

/** The laws that follow-up rests on, by the uris that they are known by. */
export const LAWS = [
  { uri: 'https://lovdata.no/lov/1999-07-02-64', text: 'law1' },
  { uri: 'https://lovdata.no/lov/2011-06-24-30', text: 'law2' },
  { uri: 'https://lovdata.no/lov/1999-07-02-61', text: 'law3' },
] as const

/** The uris that the plan itself demands, any of which will do. */
export const demandedPolicies = ({ extension = [] }: PlanDefinition): string[] =>
  extension
    .filter(({ url }) => url === `${FYLGJE}/StructureDefinition/legal-basis-required`)
    .flatMap(({ extension: parts = [] }) =>
      parts.flatMap(({ url, valueUri }) => (url === 'policy' && valueUri ? [valueUri] : [])),
    )

export type Enrolling = {
  /** By which the server knows a second sending of the same. */
  key: string
  plan: string
  patient: string
  team: string
  policies: readonly string[]
  consents: readonly string[]
  start: Date
  end?: Date
  reason: string
  proposal: CarePlan
  /** What whoever enrols has made sure of, in their words. */
  eligibility: readonly { code: string; words: string }[]
  /** What the team is to do by hand: made with the enrolment, or not at all. */
  task?: Task
}

const ELIGIBILITY = `${FYLGJE}/CodeSystem/eligibility-criterion`

/** The enrolment as a request that can be sent twice: the server knows its key. */
export function enrolment(given: Enrolling): Extract<ActRequest, { kind: 'operation' }> {
  const { key, plan, patient, team, policies, consents, start, end, reason, proposal, eligibility, task } = given
  const parameter: ParametersParameter[] = [
    { name: 'subject', valueString: `Patient/${patient}` },
    { name: 'key', valueString: key },
    { name: 'careTeam', valueReference: { reference: team } },
    ...policies.map((uri) => ({ name: 'policy', valueUri: uri })),
    ...consents.map((reference) => ({ name: 'consent', valueReference: { reference } })),
    ...eligibility.map(({ code, words }) => ({
      name: 'eligibility',
      part: [
        { name: 'criterion', valueCodeableConcept: { coding: [{ system: ELIGIBILITY, code }], text: words } },
        { name: 'met', valueBoolean: true },
      ],
    })),
    { name: 'reason', valueString: reason },
    { name: 'period', valuePeriod: { start: start.toISOString(), ...(end && { end: end.toISOString() }) } },
    { name: 'proposal', resource: proposal },
    ...(task ? [{ name: 'task', resource: task }] : []),
  ]
  return { kind: 'operation', path: `PlanDefinition/${plan}/$enrol`, parameter }
}

/** What somebody in the team is to do by hand before the patient can measure. */
export const handOutTask = ({
  words,
  patient,
  team,
  practitioner,
  now,
}: {
  words: string
  patient: string
  team: string
  practitioner: string | undefined
  now: Date
}): Task => ({
  ...{ resourceType: 'Task', status: 'requested', intent: 'order', priority: 'routine' },
  code: { coding: [{ system: TASK_CODE, code: 'carry-out' }] },
  description: words,
  reasonCode: { text: words },
  for: { reference: `Patient/${patient}` },
  owner: { reference: team },
  ...(practitioner && { requester: { reference: practitioner } }),
  authoredOn: now.toISOString(),
})
