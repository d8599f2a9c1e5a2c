const FYLGJE = 'http://fylgje.no/fhir'

/** Codes of PractitionerRole that say what somebody may do here, beside what their profession says. */
export const ACCESS_ROLE = `${FYLGJE}/CodeSystem/access-role`

/** Codes of the Tasks by which the opening of a record is known and reviewed. */
export const ACCESS_OPENING = `${FYLGJE}/CodeSystem/access-opening`
export const BREAK_GLASS = 'break-glass'
export const OPEN_RESTRICTED = 'open-restricted'

/** Volven 9603: why somebody is not given access to something, or is given it later. */
export const DELAYED_RELEASE_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.1.9603'
/** Extension of such a label: when it ends. Without it, when somebody takes it away. */
export const RELEASE_AT = `${FYLGJE}/StructureDefinition/release-at`

// Keys by which a restriction may name callers who are not named one by one.

/** Everybody but the patient. */
export const EVERYONE = '@everyone'
export const THE_PATIENT = '@patient'
export const NEXT_OF_KIN = '@next-of-kin'
