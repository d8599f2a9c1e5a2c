import type { Bundle, BundleEntry, PlanDefinition } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'

/**
 * A plan with all that it names as a Bundle, the plan first.
 * @param baseUrl of the FHIR API that they come from, without a slash at the end
 */
export function bundlePlan(plan: PlanDefinition, definitions: Resource[], baseUrl: string, now: Date): Bundle {
  const resources = [plan as unknown as Resource, ...definitions]
  return {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: now.toISOString(),
    entry: resources.map((one) => ({
      fullUrl: `${baseUrl}/${one.resourceType}/${one.id}`,
      resource: withoutVersion(one) as unknown as BundleEntry['resource'],
    })) as BundleEntry[],
  }
}

/** What a package holds; its signature is looked at before anything of it is believed. */
export const resourcesOf = ({ entry = [] }: Bundle): Resource[] =>
  entry.flatMap(({ resource }) => (resource ? [resource as unknown as Resource] : []))

/**
 * The plan that a package is about, and the rest.
 * @throws Refusal value for what holds no plan, or several
 */
export function planAmong(resources: Resource[]): { plan: Resource; definitions: Resource[] } {
  const plans = resources.filter(({ resourceType }) => resourceType === 'PlanDefinition')
  // A plan within a plan is named by the other; the one that nobody names is what the package is about.
  const whole = resources.map((one) => JSON.stringify(one))
  const outermost = plans.filter((plan) => {
    const canonical = `${plan.url}|${plan.version}`
    return whole.every((other, i) => resources[i] === plan || !other.includes(canonical))
  })
  const [plan] = outermost
  if (!plan || outermost.length > 1) {
    throw refuse(
      'value',
      `A package of a plan holds one PlanDefinition that no other names, not ${outermost.length}.`,
      'package',
    )
  }
  return { plan, definitions: resources.filter((one) => one !== plan) }
}

/** Which version it was in our store is nobody else's business. */
function withoutVersion({ meta, ...rest }: Resource): Resource {
  const { profile } = meta ?? {}
  return profile ? { ...rest, meta: { profile } } : rest
}
