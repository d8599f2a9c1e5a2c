import type { CodeableConcept } from '@medplum/fhirtypes'

/** One code with what people read. @param display in bokmål, as the CodeSystem has it */
export const concept = (system: string, code: string, display: string): CodeableConcept => ({
  coding: [{ system, code, display }],
})

/** Whether it says this code of this system, whatever else it says. */
export const hasCode = (concept: CodeableConcept | undefined, system: string, code: string): boolean =>
  concept?.coding?.some((one) => one.system === system && one.code === code) ?? false
