import type { Consent } from '@medplum/fhirtypes'

/**
 * What a patient decides about who sees their record: an active Consent that closes something or lets somebody in.
 * @param patient `Patient/7`
 */
export const privacyConsent = (patient: string, provision: Consent['provision']): Consent => ({
  ...{ resourceType: 'Consent', status: 'active', patient: { reference: patient }, provision },
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  policyRule: { text: 'pasient- og brukerrettighetsloven § 5-3' },
})

/** Whom a provision is about: the nurse of the demo. */
export const forNurse = [{ role: { text: 'gjelder for' }, reference: { reference: 'Practitioner/demo-nurse' } }]

/** What of the record a provision is about. */
export const classesOf = (...types: string[]) =>
  types.map((code) => ({ system: 'http://hl7.org/fhir/resource-types', code }))
