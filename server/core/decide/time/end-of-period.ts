import type { Period } from '@medplum/fhirtypes'
import { intervalOf } from './date-precision.ts'

/**
 * The first moment after a period: `2026-11` lasts until November is over by Norwegian clocks, a day until its midnight, a moment
 * until it has come. Undefined where there is no end.
 * @see https://hl7.org/fhir/R4/datatypes.html#Period
 */
export function endOf({ end }: Period = {}): Date | undefined {
  if (end === undefined) return undefined
  const { low, high } = intervalOf(end)
  const moment = end.includes('T') ? low : high
  return Number.isNaN(moment) ? undefined : new Date(moment)
}
