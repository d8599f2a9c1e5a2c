import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import { type Ehr, ExchangeRefusal, numberOf } from '../authorization-server/exchange/trusted-ehr.ts'
import type { People, PersonIdentifier, PersonType } from '../authorization-server/people.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { D_NUMBER, FNR, HPR_NUMBER } from '../national-numbers/systems.ts'

/** Who stands before a chart in an EHR, and whose chart it is, as they are called there. */
export type Standing = {
  /** `Practitioner/kari`, as the EHR names its user. */
  user: string
  /** `Patient/p-line` */
  patient: string
  /** What the EHR has sent along. */
  sent: Resource[]
  /** With which the EHR's FHIR API shows more. */
  accessToken?: string | undefined
}

/** The same, as they are called here. */
export type HookCaller = {
  access: Access
  /** References as the EHR writes them, and as they are written here. */
  names: ReadonlyMap<string, string>
}

/** The patient's record, and what is nobody's; nothing is written by showing a card. */
const SCOPES = ['patient/*.rs', ...directoryAndKnowledge().map((type) => `user/${type}.rs`)].join(' ')

export type CallerRooms = {
  people: Pick<People, 'findByIdentifier'>
  standingOf: (access: Access) => Promise<Access>
}

/**
 * By HPR number and national number, as everywhere where somebody has signed in elsewhere (decision 0034). From what was sent along where
 * it is there, for the EHR has signed for its call; else the EHR's FHIR API is asked.
 * @returns undefined where this clinician, or this patient, is not known here: then there is nothing to show
 * @throws Refusal `incomplete` with 412 where neither tells the numbers
 */
export async function recogniseCaller(
  ehr: Ehr,
  standing: Standing,
  { people, standingOf }: CallerRooms,
): Promise<HookCaller | undefined> {
  const practitioner = await hereBy('Practitioner', [HPR_NUMBER], standing.user)
  const patient = practitioner && (await hereBy('Patient', [FNR, D_NUMBER], standing.patient))
  if (!practitioner || !patient) return undefined
  const { issuer } = ehr.trusted
  const access = await standingOf({
    actor: `Practitioner/${practitioner.id}`,
    ...{ clientId: issuer, clientName: issuer, scopes: parseScopes(SCOPES), patient: patient.id },
    login: { provider: issuer, hprNumber: practitioner.number },
  })
  const names = [
    [standing.user, `Practitioner/${practitioner.id}`],
    [standing.patient, `Patient/${patient.id}`],
  ] as const
  const absolute = names.map(([there, here]) => [`${ehr.trusted.fhirBase}/${there}`, here] as const)
  return { access, names: new Map([...names, ...absolute]) }

  async function hereBy(
    type: PersonType,
    systems: string[],
    reference: string,
  ): Promise<{ id: string; number: string } | undefined> {
    const number = numberOf(await told(reference), systems)
    if (!number) return undefined
    const id = await only(type, number)
    return id === undefined ? undefined : { id, number: number.value }
  }

  async function told(reference: string): Promise<object> {
    const along = standing.sent.find(({ resourceType, id }) => `${resourceType}/${id}` === reference)
    if (along) return along
    if (!standing.accessToken) throw notTold(reference)
    try {
      return (await ehr.show(reference, standing.accessToken)) as object
    } catch (error) {
      throw error instanceof ExchangeRefusal ? notTold(reference, error.message) : error
    }
  }

  /** Exactly one here has the number, or nobody is meant. */
  async function only(type: PersonType, number: PersonIdentifier): Promise<string | undefined> {
    const [id, ...more] = await people.findByIdentifier(type, number)
    return more.length > 0 ? undefined : id
  }
}

const PREFETCH_KEY: Readonly<Record<string, string>> = { Patient: 'patient', Practitioner: 'user' }

function notTold(reference: string, why = 'it did not come along, and no fhirAuthorization to read it with'): Refusal {
  const key = PREFETCH_KEY[reference.split('/')[0] ?? ''] ?? ''
  const { issues } = refuse('incomplete', `${reference} must be known here by its number: ${why}.`, `prefetch.${key}`)
  return new Refusal(issues, 412)
}

function directoryAndKnowledge(): string[] {
  return [
    ...['Practitioner', 'PractitionerRole', 'Organization', 'HealthcareService', 'Location'],
    ...['PlanDefinition', 'ActivityDefinition', 'Questionnaire', 'Library', 'ValueSet', 'CodeSystem', 'ConceptMap'],
  ]
}
