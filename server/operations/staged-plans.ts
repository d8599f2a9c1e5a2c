import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { stagesOf } from '../core/decide/stages/stage.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { DefinitionReader } from './definition-reader.ts'

/** The plans that the CarePlan follows and that have stages, in the version that is in force for the patient. */
export async function stagedPlans(reader: DefinitionReader, carePlan: CarePlan): Promise<PlanDefinition[]> {
  const [type = '', id = ''] = carePlan.subject.reference?.split('/') ?? []
  const plans = await Promise.all(
    (carePlan.instantiatesCanonical ?? []).map(async (canonical) => {
      const found = await reader.findDefinition(canonical, ['PlanDefinition'], false)
      if (!found || canonical.includes('|')) return found
      const [inForce] = await reader.findInForce(found, [{ resourceType: type, id } as Resource])
      return inForce
    }),
  )
  return plans.flatMap((plan) => {
    const definition = plan as (Resource & PlanDefinition) | undefined
    return definition && stagesOf(definition).length > 0 ? [definition] : []
  })
}
