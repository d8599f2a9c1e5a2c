import type { Issue } from './outcome.ts'

/** Says that something is closed, and nothing of what. https://hl7.org/fhir/R4/codesystem-issue-type.html#issue-type-suppressed */
export const SUPPRESSED: Issue = {
  severity: 'information',
  code: 'suppressed',
  diagnostics:
    'Something in this record is closed to you by the patient. It can be opened with consent or in an emergency, by Patient/[id]/$open-restricted.',
}
