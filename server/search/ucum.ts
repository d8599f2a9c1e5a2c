import ucum from '@lhncbc/ucum-lhc'

export const UCUM_SYSTEM = 'http://unitsofmeasure.org'

/** How a unit leads to UCUM's base units. */
export type BaseUnits = { unit: string; convert: (value: number) => number }

const SIGNIFICANT_DIGITS = 12
const CACHE_COUNT_MAX = 5_000
const known = new Map<string, BaseUnits | null>()

/**
 * The base units of a UCUM code: `mg` and `kg` both lead to `g`.
 * Special units (Celsius) lead there by an offset; those on a logarithm (pH) and arbitrary ones ([iU]) do not lead there at all.
 * @returns undefined for what cannot be converted, and for what is not UCUM
 */
export function toBaseUnits(code: string): BaseUnits | undefined {
  const cached = known.get(code)
  if (cached !== undefined) return cached ?? undefined
  if (known.size >= CACHE_COUNT_MAX) known.clear()
  const found = find(code)
  known.set(code, found ?? null)
  return found
}

/** Printable ASCII without spaces, as UCUM has it; for others the library writes to the console. */
const UCUM_CODE = /^[!-~]+$/

function find(code: string): BaseUnits | undefined {
  if (!UCUM_CODE.test(code)) return undefined
  const [zero, one, ten] = [0, 1, 10].map((value) => ucum.UcumLhcUtils.getInstance().convertToBaseUnits(code, value))
  if (zero?.status !== 'succeeded' || one?.status !== 'succeeded' || ten?.status !== 'succeeded') return undefined
  const offset = zero.magnitude
  const factor = one.magnitude - offset
  // For a scale that is not straight, three points do not lie on one line.
  if (!Number.isFinite(offset) || Math.abs(ten.magnitude - offset - 10 * factor) > Math.abs(factor) * 1e-6)
    return undefined
  const unit = Object.entries(one.unitToExp)
    .filter(([, exponent]) => exponent !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, exponent]) => (exponent === 1 ? name : `${name}${exponent}`))
    .join('.')
  // Rounded, so that 5.4 g and 5400 mg come out as the same number.
  return { unit, convert: (value) => Number((offset + value * factor).toPrecision(SIGNIFICANT_DIGITS)) }
}
