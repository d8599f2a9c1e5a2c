import type { Observation } from '@medplum/fhirtypes'
import { measuresOf } from '../news2/measures-of.ts'
import { scoreNews2 } from '../news2/score.ts'

const isObservation = (item: unknown): item is Observation =>
  typeof item === 'object' && item !== null && 'resourceType' in item && item.resourceType === 'Observation'

/**
 * `(%rate | %spo2 | %flow | %pressure | %pulse | %consciousness | %temperature).news2(1)`: the total of the newest within an hour of
 * each other, by scale 1 or 2; empty when a part is missing.
 */
function news2(items: unknown[], scale: unknown): number[] {
  const asked = Number(scale) // the library hands a number of its own kind
  if (asked !== 1 && asked !== 2) throw new Error(`news2() asks for scale 1 or 2, not ${asked}`)
  const { total } = scoreNews2(measuresOf(items.filter(isObservation)).measures, asked)
  return total === undefined ? [] : [total]
}

/** Not of FHIRPath; ours, for plans. */
export const NEWS2 = { news2: { fn: news2, arity: { 1: ['Integer' as const] } } }
