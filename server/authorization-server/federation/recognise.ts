import { personIdentifier } from '../../national-numbers/judge-number.ts'
import { HPR_NUMBER } from '../../national-numbers/systems.ts'
import { KIN_SCOPE, PATIENT_SCOPE } from '../accounts.ts'
import type { Login } from '../consent/grants.ts'
import type { Kin, People, PersonType } from '../people.ts'
import { type Claims, HELSEID_CLAIM, organizationsOf, textOf } from './helseid-claims.ts'
import type { ProviderName } from './identity-provider.ts'

/** Why somebody who has proven who they are is not let in. The login page has a text for each. */
export type NotLetIn = 'level' | 'unknown' | 'ambiguous' | 'claims' | 'cancelled' | 'failed'

export class LoginRefusal extends Error {
  readonly reason: NotLetIn
  constructor(reason: NotLetIn, description: string) {
    super(description)
    this.reason = reason
  }
}

export type Recognised = { fhirUser: string; name: string; allowedScope: string; login: Login; subject: string }
/** Somebody is one or more of our resources: a patient, and next of kin of others. In each sign-in they are one of them. */
export type AllRecognised = readonly [Recognised, ...Recognised[]]

/** What a clinician's apps may get at most; the client's own allowance and the access rules narrow it. */
export const CLINICIAN_SCOPE = 'user/*.cruds patient/*.cruds'

/**
 * Who the person of these claims is among our resources: a patient comes first, and then whose next of kin they are. The claims have been verified; here it is decided whether they are
 * enough. Never guesses: with no match, several, or two that contradict each other, nobody is let in.
 * @throws LoginRefusal
 */
export async function recognise(provider: ProviderName, claims: Claims, people: People): Promise<AllRecognised> {
  return provider === 'helseid' ? [await recogniseClinician(claims, people)] : recognisePatientOrKin(claims, people)
}

async function recogniseClinician(claims: Claims, people: People): Promise<Recognised> {
  const securityLevel = textOf(claims, HELSEID_CLAIM.securityLevel)
  if (securityLevel !== '4') throw new LoginRefusal('level', 'security level 4 is required')
  const hprNumber = textOf(claims, HELSEID_CLAIM.hprNumber)
  const pid = textOf(claims, HELSEID_CLAIM.pid)
  const practitioner = await onlyPractitioner(hprNumber, pid, people)
  const organizations = organizationsOf(claims)
  const { organization, organizationUnit } = organizations
  const number = organizationUnit ?? organization
  const [role, ...moreRoles] = number === undefined ? [] : await people.findRoles(practitioner, number)
  return {
    subject: [textOf(claims, 'sub'), organization, organizationUnit].filter(Boolean).join(' '),
    fhirUser: `Practitioner/${practitioner}`,
    name: textOf(claims, 'name') ?? `Practitioner/${practitioner}`,
    allowedScope: CLINICIAN_SCOPE,
    login: {
      ...{ provider: 'helseid', securityLevel },
      ...(hprNumber === undefined ? {} : { hprNumber }),
      ...organizations,
      ...(role !== undefined && moreRoles.length === 0 ? { practitionerRole: `PractitionerRole/${role}` } : {}),
    },
  }
}

/** By the HPR number, and by the national number where there is none; if both find somebody it must be the same person. */
async function onlyPractitioner(
  hprNumber: string | undefined,
  pid: string | undefined,
  people: People,
): Promise<string> {
  if (hprNumber === undefined && pid === undefined) throw new LoginRefusal('claims', 'neither HPR number nor pid')
  const byHpr =
    hprNumber === undefined
      ? []
      : await people.findByIdentifier('Practitioner', { system: HPR_NUMBER, value: hprNumber })
  const byPid = pid === undefined ? [] : await findByPid('Practitioner', pid, people)
  const found = [...new Set([...byHpr, ...byPid])]
  return only(found, 'Practitioner')
}

/** https://docs.digdir.no/docs/idporten/oidc/oidc_protocol_id_token */
async function recognisePatientOrKin(claims: Claims, people: People): Promise<AllRecognised> {
  const securityLevel = textOf(claims, 'acr')
  if (securityLevel !== 'idporten-loa-high') throw new LoginRefusal('level', 'idporten-loa-high is required')
  const pid = textOf(claims, 'pid')
  if (pid === undefined) throw new LoginRefusal('claims', 'no pid')
  const login: Login = { provider: 'idporten', securityLevel }
  const subject = textOf(claims, 'sub') ?? ''
  const [patients, kin] = await Promise.all([findByPid('Patient', pid, people), findKinByPid(pid, people)])
  const asKin = kin.map((one) => ({
    ...{ fhirUser: `RelatedPerson/${one.id}`, name: one.name, allowedScope: KIN_SCOPE, login },
    // An account is one of whom somebody may be, so that nothing of one patient's is ever given for another.
    subject: `${subject} RelatedPerson/${one.id}`,
  }))
  const [first, ...others] = asKin
  if (first && patients.length === 0) return [first, ...others]
  const patient = only(patients, 'Patient')
  // ID-porten tells no name; the number itself must not stand in for one.
  const name = (await people.nameOf('Patient', patient)) ?? `Patient/${patient}`
  return [{ fhirUser: `Patient/${patient}`, name, allowedScope: PATIENT_SCOPE, login, subject }, ...asKin]
}

const findKinByPid = async (pid: string, people: People): Promise<Kin[]> => {
  const identifier = personIdentifier(pid)
  return identifier ? people.findKin(identifier) : []
}

/** Nobody by what can be no national number: it is not asked for, and so not mistaken for another's. */
async function findByPid(type: PersonType, pid: string, people: People): Promise<string[]> {
  const identifier = personIdentifier(pid)
  return identifier ? people.findByIdentifier(type, identifier) : []
}

function only(found: string[], type: string): string {
  const [id, ...more] = found
  if (id === undefined) throw new LoginRefusal('unknown', `no ${type} with this number`)
  if (more.length > 0) throw new LoginRefusal('ambiguous', `more than one ${type} with this number`)
  return id
}
