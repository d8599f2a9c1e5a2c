import type { AllergyIntolerance, CodeableConcept, ParametersParameter } from '@medplum/fhirtypes'

/** An operation on a patient, by which this server looks in other systems. `Patient/7/$journal` */
export const operationOn = (patient: string, operation: string): string =>
  `Patient/${encodeURIComponent(patient)}/$${operation}`

export const parameterIn = (
  list: readonly ParametersParameter[] | undefined,
  name: string,
): ParametersParameter | undefined => list?.find((one) => one.name === name)

/** What is coded elsewhere, in the words of those who coded it; by its code where they gave none. */
export const wordsOf = ({ text, coding = [] }: CodeableConcept = {}): string | undefined =>
  text ?? coding.find(({ display }) => display)?.display ?? coding[0]?.code

/** How reactions showed. */
export const reactionsOf = ({ reaction = [] }: AllergyIntolerance): string[] =>
  reaction.flatMap(({ manifestation }) => manifestation.flatMap((one) => wordsOf(one) ?? []))
