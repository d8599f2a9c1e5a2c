import type { Period } from '@medplum/fhirtypes'
import { addDays, fromOsloClock } from '../../core/decide/time/oslo-time.ts'

/** A time from one moment to before another, as PostgreSQL reads them: ISO 8601, or ±infinity where it is open. */
export type Bounds = { from: string; to: string }

export const ALWAYS: Bounds = { from: '-infinity', to: 'infinity' }

/** When a period counts. A day begins and ends at midnight in Norway, and its last day belongs to it. */
export function boundsOf(period: Period | undefined): Bounds {
  return {
    from: period?.start ? momentOf(period.start, 'start') : ALWAYS.from,
    to: period?.end ? momentOf(period.end, 'end') : ALWAYS.to,
  }
}

/** The time that both last. */
export const overlap = (one: Bounds, other: Bounds): Bounds => ({
  from: later(one.from, other.from),
  to: later(one.to, other.to) === one.to ? other.to : one.to,
})

function later(one: string, other: string): string {
  if (one === 'infinity' || other === '-infinity') return one
  if (other === 'infinity' || one === '-infinity') return other
  return Date.parse(one) >= Date.parse(other) ? one : other
}

/** The moment at which a FHIR date or dateTime begins, or behind its last part. */
export function momentOf(text: string, edge: 'start' | 'end'): string {
  if (text.includes('T')) return new Date(text).toISOString()
  const [year = '', month, day] = text.split('-')
  const first = `${year}-${month ?? '01'}-${day ?? '01'}`
  return fromOsloClock(edge === 'start' ? first : dayAfter(first, { month, day }), 0).toISOString()
}

function dayAfter(first: string, { month, day }: { month: string | undefined; day: string | undefined }): string {
  if (day !== undefined) return addDays(first, 1)
  const date = new Date(first)
  if (month === undefined) date.setUTCFullYear(date.getUTCFullYear() + 1)
  else date.setUTCMonth(date.getUTCMonth() + 1)
  return date.toISOString().slice(0, 10)
}
