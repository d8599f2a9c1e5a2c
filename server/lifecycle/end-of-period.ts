import type { Period } from '@medplum/fhirtypes'
import { addDays, fromOsloClock } from '../decide/oslo-time.ts'

/**
 * The first moment after a period: `2026-11` lasts until November is over by Norwegian clocks, a day until its midnight, a moment
 * until it has come. Undefined where there is no end.
 * @see https://hl7.org/fhir/R4/datatypes.html#Period
 */
export function endOf({ end }: Period = {}): Date | undefined {
  if (end === undefined) return undefined
  const [, year = '', month, day] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(end) ?? []
  if (year === '') {
    const moment = new Date(end)
    return Number.isNaN(moment.getTime()) ? undefined : moment
  }
  if (day !== undefined) return fromOsloClock(addDays(end, 1), 0)
  const next = month === undefined ? `${Number(year) + 1}-01` : monthAfter(Number(year), Number(month))
  return fromOsloClock(`${next}-01`, 0)
}

const monthAfter = (year: number, month: number): string =>
  month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`
