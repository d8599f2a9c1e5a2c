import type { CodeableConcept, Observation, Quantity } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'

/** What was measured, each with its codes: the Observation's own value, or those of its components. */
export function measured(resource: Resource | Observation): { codes: string[]; quantity?: Quantity }[] {
  const observation = resource as unknown as Observation
  const components = (observation.component ?? []).map((component) => ({
    codes: tokensOf(component.code),
    quantity: component.valueQuantity,
  }))
  return [{ codes: tokensOf(observation.code), quantity: observation.valueQuantity }, ...components]
}

/** The code is the unit; many devices send only the printed one. */
export const unitOf = (quantity: Quantity | undefined) => quantity?.code ?? quantity?.unit ?? ''

/** `system|code` of every coding. */
export const tokensOf = (concept: CodeableConcept | undefined): string[] =>
  (concept?.coding ?? []).map((coding) => `${coding.system ?? ''}|${coding.code ?? ''}`)
