import { personIdentifier } from '../../national-numbers/judge-number.ts'
import { HPR_NUMBER } from '../../national-numbers/systems.ts'
import { PATIENT_SCOPE } from '../accounts.ts'
import type { Login } from '../consent/grants.ts'
import type { People, PersonType } from '../people.ts'
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

/** What a clinician's apps may get at most; the client's own allowance and the access rules narrow it. */
export const CLINICIAN_SCOPE = 'user/*.cruds patient/*.cruds'

/**
 * Who the person of these claims is among our resources. The claims have been verified; here it is decided whether they are
 * enough. Never guesses: with no match, several, or two that contradict each other, nobody is let in.
 * @throws LoginRefusal
 */
export function recognise(provider: ProviderName, claims: Claims, people: People): Promise<Recognised> {
  return provider === 'helseid' ? recogniseClinician(claims, people) : recognisePatient(claims, people)
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
async function recognisePatient(claims: Claims, people: People): Promise<Recognised> {
  const securityLevel = textOf(claims, 'acr')
  if (securityLevel !== 'idporten-loa-high') throw new LoginRefusal('level', 'idporten-loa-high is required')
  const pid = textOf(claims, 'pid')
  if (pid === undefined) throw new LoginRefusal('claims', 'no pid')
  const patient = only(await findByPid('Patient', pid, people), 'Patient')
  return {
    subject: textOf(claims, 'sub') ?? '',
    fhirUser: `Patient/${patient}`,
    // ID-porten tells no name; the number itself must not stand in for one.
    name: (await people.nameOf('Patient', patient)) ?? `Patient/${patient}`,
    allowedScope: PATIENT_SCOPE,
    login: { provider: 'idporten', securityLevel },
  }
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
