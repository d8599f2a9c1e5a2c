import type { ActivityDefinition, PlanDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'
import { resourcesOf } from '../plans/load-pathways.ts'

/** The plan in which the patients are enrolled, as this server ships it. */
export const copdDefinition = (): PlanDefinition => find('PlanDefinition', 'copd') as unknown as PlanDefinition

/** What the plan asks of everybody whom it follows. */
export const activityDefinition = (id: string): ActivityDefinition =>
  find('ActivityDefinition', id) as unknown as ActivityDefinition

let pathway: Resource[] | undefined

/** Its files are read once: it is asked for each patient. */
function find(type: string, id: string): Resource {
  pathway ??= resourcesOf('copd')
  const found = pathway.find((one) => one.resourceType === type && one.id === id)
  if (!found) throw new Error(`plandefinitions/copd has no ${type}/${id}`)
  return found
}
