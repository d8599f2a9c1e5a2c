import type { Extension } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'

/** Which Goal something is for. https://hl7.org/fhir/R4/extension-resource-pertainstogoal.html */
export const PERTAINS_TO_GOAL = 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal'

/** What an action makes is for the goals that it names (PlanDefinition.action.goalId). @param goals their references */
export function pertainingTo(goals: string[], request: Resource): Resource {
  if (goals.length === 0) return request
  const named = goals.map((reference) => ({ url: PERTAINS_TO_GOAL, valueReference: { reference } }))
  return { ...request, extension: [...extensionsOf(request), ...named] }
}

/** A proposal may have been edited, or its Goals may stand already: what leads to a Goal that is not stored with it leads nowhere. */
export function withoutGoalsBut(request: Resource, isStored: (reference: string) => boolean): Resource {
  const all = extensionsOf(request)
  const extension = all.filter(({ url, valueReference: { reference = '' } = {} }) => {
    return url !== PERTAINS_TO_GOAL || !reference.startsWith('#') || isStored(reference)
  })
  if (extension.length === all.length) return request
  const { extension: _all, ...rest } = request
  return extension.length > 0 ? { ...rest, extension } : rest
}

const extensionsOf = ({ extension }: Resource): Extension[] => (extension ?? []) as Extension[]
