import { toBaseUnits, UCUM_SYSTEM } from '../../search/ucum.ts'
import type { Fields } from '../walk.ts'

/**
 * Whether a value is below (`-1`) or above (`1`) a limit of `minValue[x]` or `maxValue[x]`; 0 for neither, undefined for two
 * that cannot be compared. https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_
 */
export function compareToLimit(value: unknown, limit: unknown): -1 | 0 | 1 | undefined {
  if (typeof value === 'number' && typeof limit === 'number') return orderOf(value, limit)
  if (typeof value === 'string' && typeof limit === 'string') return compareTimes(value, limit)
  if (isQuantity(value) && isQuantity(limit)) return compareQuantities(value, limit)
  return undefined
}

const orderOf = <T extends number | string>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0)

const isQuantity = (value: unknown): value is Fields => typeof value === 'object' && value !== null && 'value' in value

/** A day is compared with a month as far as both are known; instants as instants. */
function compareTimes(value: string, limit: string): -1 | 0 | 1 {
  if (value.length > 10 && limit.length > 10) return orderOf(Date.parse(value), Date.parse(limit))
  const known = Math.min(value.length, limit.length)
  return orderOf(value.slice(0, known), limit.slice(0, known))
}

function compareQuantities(value: Fields, limit: Fields): -1 | 0 | 1 | undefined {
  if (typeof value.value !== 'number' || typeof limit.value !== 'number') return undefined
  if (value.code === limit.code && value.system === limit.system) return orderOf(value.value, limit.value)
  const [one, other] = [baseUnitsOf(value), baseUnitsOf(limit)]
  if (!one || !other || one.unit !== other.unit) return undefined
  return orderOf(one.convert(value.value), other.convert(limit.value))
}

const baseUnitsOf = ({ system, code }: Fields) => (system === UCUM_SYSTEM ? toBaseUnits(String(code)) : undefined)
