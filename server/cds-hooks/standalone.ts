import type { Reference } from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'

/**
 * A proposed request as it can be stored by itself: what it refers to within the proposal comes along as contained, and what ties it to
 * the proposal is left behind.
 * @param proposed everything that the CarePlan contains
 */
export function standalone(request: Resource, proposed: Resource[]): Resource {
  const { id: _local, basedOn, ...rest } = request
  const outside = ((basedOn ?? []) as Reference[]).filter(({ reference }) => !reference?.startsWith('#'))
  const along = reachableFrom(rest, proposed)
  return {
    ...rest,
    ...(outside.length > 0 ? { basedOn: outside } : {}),
    // An option is one of a RequestGroup; alone it is a proposal.
    ...(rest.intent === 'option' ? { intent: 'proposal' } : {}),
    ...(along.length > 0 ? { contained: [...((rest.contained ?? []) as Resource[]), ...along] } : {}),
  } as Resource
}

function reachableFrom(value: unknown, proposed: Resource[]): Resource[] {
  const found = new Map<string, Resource>()
  const visit = (from: unknown): void => {
    for (const [, id = ''] of JSON.stringify(from).matchAll(/"reference":"#([^"]+)"/g)) {
      const resource = proposed.find((one) => one.id === id)
      if (!resource || found.has(id)) continue
      found.set(id, resource)
      visit(resource)
    }
  }
  visit(value)
  return [...found.values()]
}
