import type { DataRequirement, PlanDefinition } from '@medplum/fhirtypes'
import { toModuleDefinition } from '../core/apply/module-definition.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { hookedPlan, hooksOf } from './hooked-plan.ts'
import type { Hook } from './hooks.ts'
import { type Prefetch, prefetchOf } from './prefetch.ts'

/** A CDS service as discovery tells it. https://cds-hooks.hl7.org/2.0/#discovery */
export type CdsService = {
  hook: string
  title?: string
  description: string
  id: string
  prefetch?: Prefetch
  usageRequirements?: string
}

/**
 * The services that a plan is, one for each hook that it answers to.
 * @param definitions those that the plan names, and that its plans name
 * @param requirements what its libraries look at beside
 */
export function servicesOf(
  plan: PlanDefinition,
  definitions: Resource[] = [],
  requirements: DataRequirement[] = [],
): CdsService[] {
  const hooks = hooksOf(plan)
  return hooks.map((hook): CdsService => {
    const { dataRequirement = [] } = toModuleDefinition(hookedPlan(plan, hook), definitions)
    return {
      hook: hook.name,
      ...(plan.title ? { title: plan.title } : {}),
      description: plan.description ?? plan.title ?? plan.name ?? String(plan.url),
      id: serviceId(plan, hook, hooks),
      prefetch: prefetchOf([...dataRequirement, ...requirements], hook),
      ...(plan.usage ? { usageRequirements: plan.usage } : {}),
    }
  })
}

/** The end of the plan's url; of a plan with several hooks with that of the hook, for an id is one service's. */
function serviceId({ url, id }: PlanDefinition, hook: Hook, hooks: Hook[]): string {
  const tail = url?.split('/').at(-1) ?? String(id)
  return hooks.length > 1 ? `${tail}-${hook.name}` : tail
}
