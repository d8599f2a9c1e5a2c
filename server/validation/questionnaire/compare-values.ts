import { parseDateInterval } from '../../search/date-interval.ts'
import { toBaseUnits, UCUM_SYSTEM } from '../../search/ucum.ts'
import type { Fields } from '../walk.ts'

/** Negative, zero or positive; undefined for what cannot be compared: other units, no units, a date within a less precise one. */
export function compareValues(one: unknown, other: unknown): number | undefined {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (typeof one === 'string' && typeof other === 'string') return compareTexts(one, other)
  return isFields(one) && isFields(other) ? compareQuantities(one, other) : undefined
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

const TIME = /^\d\d:\d\d/
const DATE = /^\d{4}(?:-\d\d)?/

function compareTexts(one: string, other: string): number | undefined {
  if (TIME.test(one) && TIME.test(other)) return Math.sign(one.localeCompare(other))
  if (!DATE.test(one) || !DATE.test(other)) return undefined
  const [a, b] = [parseDateInterval(one), parseDateInterval(other)]
  if (!a || !b) return undefined
  if (a.low === b.low && a.high === b.high) return 0
  if (a.high <= b.low) return -1
  return a.low >= b.high ? 1 : undefined
}

/** https://hl7.org/fhir/R4/datatypes.html#Quantity */
function compareQuantities(one: Fields, other: Fields): number | undefined {
  const [a, b] = [baseValue(one), baseValue(other)]
  return a && b && a.unit === b.unit ? a.value - b.value : undefined
}

function baseValue({ value, system, code }: Fields): { unit: string; value: number } | undefined {
  if (typeof value !== 'number' || typeof code !== 'string') return undefined
  if (system !== UCUM_SYSTEM) return { unit: `${system}|${code}`, value }
  const base = toBaseUnits(code)
  return base ? { unit: base.unit, value: base.convert(value) } : { unit: `${system}|${code}`, value }
}

/** Whether two answers are the same; Codings are by system and code. */
export function areEqual(one: unknown, other: unknown): boolean {
  if (!isFields(one) || !isFields(other)) return one === other || compareValues(one, other) === 0
  if ('reference' in one || 'reference' in other) return one.reference === other.reference
  if (typeof one.value === 'number' || typeof other.value === 'number') return compareQuantities(one, other) === 0
  return one.code === other.code && one.system === other.system
}
