import type { Resource } from '../../fhir/resource.ts'
import { instantAt } from '../plan/data-requirement.ts'

/** When a result was measured or answered, in milliseconds; when it came, where it does not say. */
export function madeAt(result: Resource): number {
  const path = result.resourceType === 'Observation' ? 'effective' : 'authored'
  const said = instantAt(result, path)
  return Number.isNaN(said) ? Date.parse(result.meta?.lastUpdated ?? '') : said
}
