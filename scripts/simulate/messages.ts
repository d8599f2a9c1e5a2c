import type { Observation, QuestionnaireResponse } from '@medplum/fhirtypes'
import type { Message } from './door.ts'

/** What a home sends. */
export type Measurement = Observation | QuestionnaireResponse

/** Conditional create: sent twice, stored once. https://hl7.org/fhir/R4/http.html#ccreate */
export function createOf(measurement: Measurement): Message {
  const headers = { 'if-none-exist': ifNoneExist(measurement) }
  return { path: measurement.resourceType, body: measurement, headers }
}

/** What a phone kept goes as one transaction, all or nothing. https://hl7.org/fhir/R4/http.html#transaction */
export function transactionOf(measurements: Measurement[]): Message {
  const entry = measurements.map((resource) => ({
    resource,
    request: { method: 'POST', url: resource.resourceType, ifNoneExist: ifNoneExist(resource) },
  }))
  return { path: '', body: { resourceType: 'Bundle', type: 'transaction', entry } }
}

/** `SpO2 84 %`, for the terminal. */
export function inWords(measurement: Measurement): string {
  if (measurement.resourceType === 'QuestionnaireResponse') return 'symptom diary'
  const { value, unit } = measurement.valueQuantity ?? {}
  return `${measurement.code.text} ${value} ${unit}`
}

function ifNoneExist({ resourceType, identifier }: Measurement): string {
  const [known] = [identifier ?? []].flat()
  if (!known) throw new Error(`A ${resourceType} without an identifier could be stored twice.`)
  return `identifier=${known.system}|${known.value}`
}
