// What the Norwegian trust framework demands of an attest, as its model says it. https://github.com/NorskHelsenett/Tillitsrammeverk
// Judged from what comes over the wire alone: nothing of the server's own mapping is used here.

export const ATTEST = 'nhn:tillitsrammeverk:parameters'
const ORGANIZATION_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.4.101'
const PERSON_SYSTEMS = [1, 2, 3].map((one) => `urn:oid:2.16.578.1.12.4.1.4.${one}`)
const AUTHORIZATION_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.1.9060'
const SERVICE_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.1.8666'
const PURPOSE_SYSTEM = 'urn:oid:2.16.840.1.113883.1.11.20448'
const PURPOSES = new Set(['TREAT', 'ETREAT', 'COC', 'BTG'])

type Fields = Record<string, unknown>
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

/** The elements of `assertion_details`, of which one may stand alone. */
export const detailsIn = (claims: object): Fields[] => {
  const { assertion_details: details } = claims as { assertion_details?: unknown }
  return (Array.isArray(details) ? details : [details]).map(fieldsOf).filter(({ type }) => type !== undefined)
}

/** Every fault of an attest; none for one that is taken. @param legalEntity the organisation that the client acts for */
export function attestFaults(attest: Fields, legalEntity: string | undefined): string[] {
  const practitioner = fieldsOf(attest.practitioner)
  const care = fieldsOf(attest.care_relationship)
  const patients = Array.isArray(attest.patients) ? attest.patients.map(fieldsOf) : []
  const unknown = Object.keys(attest).filter(
    (name) => !['type', 'practitioner', 'care_relationship', 'patients'].includes(name),
  )
  const decision = fieldsOf(care.decision_ref)
  return [
    ...unknown.map((name) => `${name} is not known`),
    ...identityFaults('practitioner.legal_entity', practitioner.legal_entity, [ORGANIZATION_SYSTEM]),
    ...identityFaults('practitioner.point_of_care', practitioner.point_of_care, [ORGANIZATION_SYSTEM]),
    ...(fieldsOf(practitioner.legal_entity).id === legalEntity
      ? []
      : ['practitioner.legal_entity is not whom the client acts for']),
    ...(practitioner.authorization === undefined
      ? []
      : codeFaults('practitioner.authorization', practitioner.authorization, AUTHORIZATION_SYSTEM, /^[A-Z]{2}$/)),
    ...codeFaults('care_relationship.healthcare_service', care.healthcare_service, SERVICE_SYSTEM, /^\S+$/),
    ...codeFaults('care_relationship.purpose_of_use', care.purpose_of_use, PURPOSE_SYSTEM, /^[A-Z]+$/),
    ...(PURPOSES.has(String(fieldsOf(care.purpose_of_use).code))
      ? []
      : ['care_relationship.purpose_of_use is no purpose']),
    ...(typeof decision.id === 'string' && decision.id !== '' && typeof decision.user_selected === 'boolean'
      ? []
      : ['care_relationship.decision_ref needs id and user_selected']),
    ...(patients.length === 1 ? [] : ['patients must be one']),
    ...patients.flatMap((one) => [
      ...identityFaults('patients.identifier', one.identifier, PERSON_SYSTEMS),
      ...identityFaults('patients.point_of_care', one.point_of_care, [ORGANIZATION_SYSTEM]),
    ]),
  ]
}

function identityFaults(at: string, value: unknown, systems: string[]): string[] {
  const { id, system } = fieldsOf(value)
  if (typeof id !== 'string' || id === '') return [`${at} needs its id`]
  return systems.includes(String(system)) ? [] : [`${at} has the system ${String(system)}`]
}

function codeFaults(at: string, value: unknown, wanted: string, form: RegExp): string[] {
  const { code, system } = fieldsOf(value)
  if (typeof code !== 'string' || !form.test(code)) return [`${at} needs its code`]
  return system === wanted ? [] : [`${at} has the system ${String(system)}`]
}

/** What an attest says, as far as services look at it. */
export type Attested = { patient: string; purpose: string; authorization?: string }

export function attestedIn(claims: object): Attested | undefined {
  const { authorization_details: details } = claims as { authorization_details?: unknown }
  const found = (Array.isArray(details) ? details : []).map(fieldsOf).find(({ type }) => type === ATTEST)
  if (!found) return undefined
  const [patient] = found.patients as Fields[]
  const care = fieldsOf(found.care_relationship)
  const { code } = fieldsOf(fieldsOf(found.practitioner).authorization)
  return {
    patient: String(fieldsOf(patient?.identifier).id),
    purpose: String(fieldsOf(care.purpose_of_use).code),
    ...(typeof code === 'string' ? { authorization: code } : {}),
  }
}
