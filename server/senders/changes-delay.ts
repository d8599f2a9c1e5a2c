import type { Resource } from '../core/fhir/resource.ts'
import { releasesOf } from '../store/relations/delayed-release.ts'

/**
 * Whether a version changes by when its patient may see it, where that was not yet: somebody has taken the delay away, or moved it. What was
 * withheld for it is then to be judged anew. A delay that ends by itself changes no version.
 * @param after as it is stored, with when
 */
export function changesDelay(before: object | undefined, after: object | undefined): boolean {
  if (!before || !after) return false
  const [was, is] = [latest(before), latest(after)]
  const at = Date.parse((after as Resource & { meta?: { lastUpdated?: string } }).meta?.lastUpdated ?? '')
  return was !== is && was > at
}

/** When the last of its delays ends, in milliseconds since 1970. */
const latest = (resource: object): number =>
  Math.max(
    Number.NEGATIVE_INFINITY,
    ...releasesOf(resource as Resource).map((at) => (at === 'infinity' ? Number.POSITIVE_INFINITY : Date.parse(at))),
  )
