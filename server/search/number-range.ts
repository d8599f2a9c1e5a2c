/** A number as it was searched for: its value, and the range [low, high) that its digits stand for. */
export type NumberRange = { value: number; low: number; high: number }

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * 100 stands for [99.5, 100.5) and 100.00 for [99.995, 100.005): half a unit of the last digit to either side.
 * Worked out in whole numbers, so that no bound is off by a floating-point hair.
 * @see https://hl7.org/fhir/R4/search.html#number
 */
export function parseNumberRange(text: string): NumberRange | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n)
  const scale = Number(exponent) - fraction.length
  // Ten times the digits, so that a half is five.
  const at = (tenths: bigint) => Number(`${tenths}e${scale - 1}`)
  const range = { value: Number(text), low: at(digits * 10n - 5n), high: at(digits * 10n + 5n) }
  return Number.isFinite(range.low) && Number.isFinite(range.high) ? range : undefined
}
