import type {
  CarePlan,
  CareTeam,
  CodeableConcept,
  Consent,
  EpisodeOfCare,
  Organization,
  Patient,
  Period,
  Practitioner,
  PractitionerRole,
  Reference,
  RelatedPerson,
  Task,
} from '@medplum/fhirtypes'
import { PROTECTED_TYPES } from '../../access/address/protection.ts'
import { ACCESS_OPENING, BREAK_GLASS } from '../../access/vocabulary.ts'
import { isEligibilityQuestion } from '../../core/decide/referral/referral.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { parseLiteralReference } from '../../search/extract-reference.ts'
import { aboutToken, referenceToken, systemCodeToken, tokenHash } from '../../search/token-hash.ts'
import { consentRows } from './consent-rows.ts'
import { delayedRelease } from './delayed-release.ts'
import { ALWAYS, type Bounds, boundsOf, momentOf } from './period.ts'
import { protectedAddresses } from './protected-addresses.ts'
import {
  type AccessRows,
  type AccessRowsBasis,
  INACTIVE,
  type MembershipRow,
  type RelationKind,
  type RelationRow,
} from './relation-row.ts'

/**
 * Types that may say who has to do with whom, or that an address is protected. Others have rows only where a label delays their
 * release.
 */
export const SOURCE_TYPES: ReadonlySet<string> = new Set([
  ...PROTECTED_TYPES,
  ...['CareTeam', 'CarePlan', 'EpisodeOfCare', 'Task', 'Patient', 'RelatedPerson', 'Consent'],
  ...['Practitioner', 'PractitionerRole', 'Organization'],
])

/** Whether a resource may have rows, so that all others cost nothing. */
export const mayHaveAccessRows = ({ resourceType, meta }: Resource): boolean =>
  SOURCE_TYPES.has(resourceType) || ((meta as { security?: unknown[] } | undefined)?.security?.length ?? 0) > 0

/**
 * What a resource says of who has to do with whom, and of what is closed to whom. Pure.
 * @param resource with its id
 */
export function accessRowsOf(resource: Resource, basis: AccessRowsBasis): AccessRows {
  const to = (reference: Reference | undefined) => keyOf(reference, basis.baseUrl)
  const id = String(resource.id)
  const others = {
    restriction: delayedRelease(resource, basis.baseUrl),
    protected_address: protectedAddresses(resource, basis.baseUrl),
  }
  switch (resource.resourceType) {
    case 'PractitionerRole':
      return { ...NONE, ...others, membership: ofPractitionerRole(id, resource as unknown as PractitionerRole, to) }
    case 'Practitioner':
      return { ...NONE, ...others, membership: ofPractitioner(id, resource as unknown as Practitioner) }
    case 'Organization':
      return { ...NONE, ...others, membership: ofOrganization(id, resource as unknown as Organization, to) }
    case 'CareTeam':
      return { ...others, ...ofCareTeam(id, resource as unknown as CareTeam, to) }
    case 'CarePlan':
      return { ...NONE, ...others, relation: ofCarePlan(resource as unknown as CarePlan, to) }
    case 'EpisodeOfCare':
      return { ...NONE, ...others, relation: ofEpisode(resource as unknown as EpisodeOfCare, to) }
    case 'Patient':
      return { ...NONE, ...others, relation: ofPatient(id, resource as unknown as Patient, to) }
    case 'RelatedPerson':
      return { ...NONE, ...others, relation: ofRelatedPerson(id, resource as unknown as RelatedPerson, to) }
    case 'Task':
      return { ...NONE, ...others, relation: ofTask(resource as unknown as Task, to) }
    case 'Consent': {
      const rows = consentRows(resource as unknown as Consent, basis)
      return { ...others, ...rows, membership: [], restriction: [...rows.restriction, ...others.restriction] }
    }
    default:
      return { ...NONE, ...others }
  }
}

const NONE = { membership: [], relation: [] }

type ToKey = (reference: Reference | undefined) => string | undefined

/** `Type/id` of a literal reference to this server, whatever version it names. */
export function keyOf(reference: Reference | undefined, baseUrl: string): string | undefined {
  const literal = reference?.reference ? parseLiteralReference(reference.reference, baseUrl) : undefined
  return literal && `${literal.type}/${literal.id}`
}

/** The id of the Patient that a reference is to. */
function patientIn(key: string | undefined): string | undefined {
  return key?.startsWith('Patient/') ? key.slice('Patient/'.length) : undefined
}

const belongs = (member: string | undefined, grp: string | undefined, { from, to }: Bounds): MembershipRow[] =>
  member && grp ? [{ member, grp, from_at: from, to_at: to }] : []

const relates = (
  grantee: string | undefined,
  patient: string | undefined,
  kind: RelationKind,
  { from, to }: Bounds,
): RelationRow[] =>
  grantee && patient ? [{ ...of(patient), grantee, kind, from_at: from, to_at: to, types: null, codes: null }] : []

const of = (patient: string) => ({ patient, compartment: tokenHash(aboutToken(patient)) })

/** The groups that codes stand for: what somebody is by profession or by task. */
const codeGroups = (concepts: CodeableConcept[]): string[] =>
  concepts.flatMap(({ coding = [] }) =>
    coding.flatMap(({ system, code }) => (system && code ? `code:${system}|${code}` : [])),
  )

function ofPractitionerRole(id: string, role: PractitionerRole, to: ToKey): MembershipRow[] {
  const own = `PractitionerRole/${id}`
  if (role.active === false) return belongs(own, INACTIVE, ALWAYS)
  const lasting = boundsOf(role.period)
  const groups = [to(role.organization), ...(role.healthcareService ?? []).map(to), ...codeGroups(role.code ?? [])]
  return [
    ...belongs(to(role.practitioner), own, lasting),
    // Whoever signs in as the role is the person too; read-standing.ts does not go on to the person's other roles.
    ...belongs(own, to(role.practitioner), lasting),
    ...groups.flatMap((group) => belongs(own, group, lasting)),
  ]
}

function ofPractitioner(id: string, { active, qualification = [] }: Practitioner): MembershipRow[] {
  if (active === false) return belongs(`Practitioner/${id}`, INACTIVE, ALWAYS)
  return qualification.flatMap(({ code, period }) =>
    codeGroups(code ? [code] : []).flatMap((group) => belongs(`Practitioner/${id}`, group, boundsOf(period))),
  )
}

const ofOrganization = (id: string, { active, partOf }: Organization, to: ToKey): MembershipRow[] =>
  active === false ? [] : belongs(`Organization/${id}`, to(partOf), ALWAYS)

/** Who may be in a team that cares. Patients and their families are told of in it, and get nothing by it. */
const STAFF = /^(?:Practitioner|PractitionerRole|Organization|CareTeam)\//

const FORMER_TEAM = new Set<string | undefined>(['proposed', 'suspended', 'inactive', 'entered-in-error'])

function ofCareTeam(
  id: string,
  { status, subject, period, participant = [] }: CareTeam,
  to: ToKey,
): Pick<AccessRows, 'membership' | 'relation'> {
  if (FORMER_TEAM.has(status)) return { membership: [], relation: [] }
  const own = `CareTeam/${id}`
  const staff = participant.filter(({ member }) => STAFF.test(to(member) ?? ''))
  return {
    membership: staff.flatMap((one) => belongs(to(one.member), own, boundsOf(one.period))),
    relation: relates(own, patientIn(to(subject)), 'care-team', boundsOf(period)),
  }
}

const RUNNING_PLAN = new Set<string | undefined>(['active', 'on-hold'])

function ofCarePlan({ status, subject, careTeam = [], period }: CarePlan, to: ToKey): RelationRow[] {
  if (!RUNNING_PLAN.has(status)) return []
  return careTeam.flatMap((team) => relates(to(team), patientIn(to(subject)), 'care-plan', boundsOf(period)))
}

const RUNNING_EPISODE = new Set<string | undefined>(['active', 'onhold'])

function ofEpisode(
  { status, patient, managingOrganization, careManager, team = [], period }: EpisodeOfCare,
  to: ToKey,
): RelationRow[] {
  if (!RUNNING_EPISODE.has(status)) return []
  const grantees = [managingOrganization, careManager, ...team].map(to)
  return grantees.flatMap((grantee) => relates(grantee, patientIn(to(patient)), 'episode', boundsOf(period)))
}

function ofPatient(id: string, { active, generalPractitioner = [], birthDate }: Patient, to: ToKey): RelationRow[] {
  const gps = active === false ? [] : generalPractitioner
  return [
    ...gps.flatMap((gp) => relates(to(gp), id, 'gp', ALWAYS)),
    ...(birthDate ? relates('@birth', id, 'birth', { ...ALWAYS, from: momentOf(birthDate, 'start') }) : []),
  ]
}

const V3_ROLE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode'
const FAMILY = 'http://hl7.no/fhir/CodeSystem/no-basis-family-relation'
/** Who has parental responsibility, by `system|code`. Whose word it is, is asked where it counts: see whose-word.ts. */
const GUARDIANS: ReadonlySet<string> = new Set([
  ...['PRN', 'PRNFOST', 'MTH', 'FTH', 'NMTH', 'NFTH', 'ADOPTP', 'ADOPTF', 'ADOPTM', 'GUARD'].map(
    (code) => `${V3_ROLE}|${code}`,
  ),
  ...['mor', 'far'].map((code) => `${FAMILY}|${code}`),
])

export const isGuardian = ({ relationship = [] }: RelatedPerson): boolean =>
  relationship.some(({ coding = [] }) => coding.some(({ system, code }) => GUARDIANS.has(`${system}|${code}`)))

function ofRelatedPerson(id: string, person: RelatedPerson, to: ToKey): RelationRow[] {
  const { active, patient, period } = person
  if (active === false) return []
  const kinds: RelationKind[] = isGuardian(person) ? ['kin', 'guardian'] : ['kin']
  return kinds.flatMap((kind) => relates(`RelatedPerson/${id}`, patientIn(to(patient)), kind, boundsOf(period)))
}

const OPEN_TASK = new Set<string | undefined>(['requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold'])
const OWNERS = /^(?:Practitioner|PractitionerRole|Organization|CareTeam|HealthcareService)\//
/** An opening counts until its time is over, also when it has been reviewed before; not when the reviewer took it back. */
const TAKEN_BACK = new Set<string | undefined>(['rejected', 'cancelled', 'failed', 'entered-in-error'])

function ofTask(task: Task, to: ToKey): RelationRow[] {
  const patient = patientIn(to(task.for))
  const opening = task.code?.coding?.find(({ system }) => system === ACCESS_OPENING)?.code
  if (opening !== undefined) {
    if (TAKEN_BACK.has(task.status)) return []
    const kind = opening === BREAK_GLASS ? 'break-glass' : 'opened'
    return relates(to(task.requester), patient, kind, boundsOf(task.restriction?.period as Period | undefined))
  }
  const owner = to(task.owner)
  if (!OPEN_TASK.has(task.status) || !OWNERS.test(owner ?? '')) return []
  if (!isEligibilityQuestion(task)) return relates(owner, patient, 'task', ALWAYS)
  const asked = whatIsAsked(task, String(owner))
  return relates(owner, patient, 'asked', ALWAYS).flatMap((row) => asked.map((what) => ({ ...row, ...what })))
}

/**
 * Whoever writes a referral names who refers, and a question to them opens no record: who the patient is, the question itself (another
 * Task they could make their own, and so open the record), answers to the form that is asked for, and reminders to them.
 */
function whatIsAsked({ identifier = [], input = [] }: Task, owner: string): Pick<RelationRow, 'types' | 'codes'>[] {
  const forms = input.flatMap(({ valueCanonical }) => (valueCanonical ? [valueCanonical.split('|', 1)[0] ?? ''] : []))
  return [
    { types: ['Patient'], codes: null },
    {
      types: ['Task'],
      codes: identifier.map(({ system = '', value = '' }) =>
        tokenHash(systemCodeToken('Task.identifier', system, value)),
      ),
    },
    {
      types: ['QuestionnaireResponse'],
      codes: forms.map((form) => tokenHash(referenceToken('QuestionnaireResponse.questionnaire', form))),
    },
    { types: ['Communication'], codes: [tokenHash(referenceToken('Communication.recipient', owner))] },
  ]
}
