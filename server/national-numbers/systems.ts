// National numbers as systems of FHIR. https://www.ehelse.no, OID 2.16.578.1.12.4.1.4

export const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1'
export const D_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.2'
/** Felles hjelpenummer: for whoever has no other number, given by Norsk helsenett. */
export const FH_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.3'
/** Helsepersonellregisteret. */
export const HPR_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.4'
/** Of Utlendingsdirektoratet, for who seeks asylum. */
export const DUF_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.5'
/** Enhetsregisteret. */
export const ORGANIZATION_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.101'
/** Units of the specialist health service. */
export const RESH_ID = 'urn:oid:2.16.578.1.12.4.1.4.102'
/** Hjelpenummer of one organisation alone. no-basis-Patient has no URI for it, only this word. */
export const H_NUMBER = 'HNR'

/** Other URIs under which HL7 Norway has published the same systems. They are understood, and never written by us. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  'http://hl7.no/fhir/NamingSystem/FNR': FNR,
  'http://hl7.no/fhir/NamingSystem/DNR': D_NUMBER,
  'http://hl7.no/fhir/NamingSystem/FHNR': FH_NUMBER,
  'http://hl7.no/fhir/NamingSystem/DUFN': DUF_NUMBER,
  'http://hl7.no/fhir/NamingSystem/HPR': HPR_NUMBER,
  'http://hl7.no/fhir/NamingSystem/RESHid': RESH_ID,
}
