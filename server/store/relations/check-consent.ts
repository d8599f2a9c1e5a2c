import type { Consent } from '@medplum/fhirtypes'
import { type Issue, Refusal } from '../../core/fhir/outcome.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import type { Definitions } from '../../definitions/definitions.ts'
import { parseLiteralReference } from '../../search/extract-reference.ts'
import { isAboutAccess, rulesOf } from './consent-rules.ts'

/**
 * Refuses a Consent about access that closes what could not be kept closed as it is written, and tells of one that decides less, or
 * closes more, than it says. A draft may say what it likes.
 * @returns warnings; the expression is the element
 * @throws Refusal not-supported, value, required; the expression is the element
 */
export function checkConsent(resource: Resource, definitions: Definitions, baseUrl: string): Issue[] {
  const consent = resource as unknown as Consent
  if (resource.resourceType !== 'Consent' || consent.status !== 'active' || !isAboutAccess(consent)) return []
  const isResourceType = (code: string) => definitions.resourceTypes.has(code)
  const { closes, grants, issues } = rulesOf(consent, { baseUrl, isResourceType })
  const patient = consent.patient?.reference
  const isOfPatient = patient !== undefined && parseLiteralReference(patient, baseUrl)?.type === 'Patient'
  const decides = closes.length + grants.length > 0
  const found = isOfPatient || !decides ? issues : [NEEDS_PATIENT, ...issues]
  if (found.some(({ severity }) => severity === 'error')) {
    throw new Refusal(found, 422)
  }
  return found
}

const NEEDS_PATIENT: Issue = {
  ...{ severity: 'error', code: 'required' },
  diagnostics: 'A Consent about access needs its patient: a reference to a Patient here.',
  expression: ['Consent.patient'],
}
