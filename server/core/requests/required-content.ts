import type { Resource } from '../fhir/resource.ts'

/** An element that a request cannot be without, the way it can be written, and where it comes from. */
type Need = { anyOf: string[]; from: string }
const need = (from: string, ...anyOf: string[]): Need => ({ anyOf, from })

/** Beside what $apply always knows. A dynamicValue may bring each of them as well. */
const NEEDS: Record<string, Need[]> = {
  AppointmentResponse: [need('dynamicValue', 'appointment')],
  Claim: [need('code', 'type'), need('practitioner', 'provider'), need('dynamicValue', 'insurance')],
  DeviceRequest: [need('product', 'codeReference', 'codeCodeableConcept')],
  ImmunizationRecommendation: [need('product', 'recommendation')],
  MedicationRequest: [need('product', 'medicationReference', 'medicationCodeableConcept')],
  ServiceRequest: [need('code', 'code')],
  SupplyRequest: [need('product', 'itemReference', 'itemCodeableConcept'), need('quantity', 'quantity')],
  VisionPrescription: [need('practitioner', 'prescriber'), need('dynamicValue', 'lensSpecification')],
}

/** A definition that lacks what its kind needs. */
export class MissingContent extends Error {
  /** Where it should have been: an element of the ActivityDefinition, or a parameter of $apply. */
  readonly expression: string
  constructor(kind: string, { anyOf: [element], from }: Need) {
    super(`an activity of kind ${kind} needs ${from}, or a dynamicValue for ${element}`)
    this.expression = from === 'practitioner' ? from : `ActivityDefinition.${from}`
  }
}

/**
 * What a request cannot be without must be there once every dynamicValue is set; a proposal that nobody could accept is none.
 * @throws MissingContent for the first that is not
 */
export function checkContent(resource: Resource): void {
  const missing = NEEDS[resource.resourceType]?.find(({ anyOf }) => anyOf.every((name) => resource[name] === undefined))
  if (missing) throw new MissingContent(resource.resourceType, missing)
}
