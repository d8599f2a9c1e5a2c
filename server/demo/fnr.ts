const WEIGHTS_1 = [3, 7, 6, 1, 8, 9, 4, 5, 2]
const WEIGHTS_2 = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]

/** Where a fødselsnummer is said to be one. https://www.ehelse.no, OID 2.16.578.1.12.4.1.4.1 */
export const FNR_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.4.1'

/**
 * A synthetic fødselsnummer of Skatteetaten's test series (Tenor): 80 is added to the month, so no person can bear it.
 * @param birthDate `1948-03-09`; the years 1900–1999, whose individnummer are 000–499
 * @param sex decides the ninth digit: even for women
 * @param serial another number for another person born on the same day; numbers without check digits are stepped over
 */
export function syntheticFnr(birthDate: string, sex: 'female' | 'male', serial: number): string {
  const [year = '', month = '', day = ''] = birthDate.split('-')
  if (!year.startsWith('19')) throw new RangeError(`No individnummer of this series for ${birthDate}`)
  const date = `${day}${Number(month) + 80}${year.slice(2)}`
  const parity = sex === 'female' ? 0 : 1
  for (let step = 0; step < 250; step++) {
    const individnummer = ((serial + step) % 250) * 2 + parity
    const fnr = withCheckDigits(`${date}${String(individnummer).padStart(3, '0')}`)
    if (fnr) return fnr
  }
  throw new RangeError(`No number is left for ${birthDate}`)
}

/** Whether both check digits are right; says nothing of the date. The rule of the years before 2032. */
export function hasFnrCheckDigits(fnr: string): boolean {
  return /^\d{11}$/.test(fnr) && withCheckDigits(fnr.slice(0, 9)) === fnr
}

/** Undefined for the one number in eleven (twice) whose check digit would be 10: it is never given out. */
function withCheckDigits(nine: string): string | undefined {
  const first = checkDigit(nine, WEIGHTS_1)
  if (first === 10) return undefined
  const second = checkDigit(`${nine}${first}`, WEIGHTS_2)
  return second === 10 ? undefined : `${nine}${first}${second}`
}

/** Modulus 11: 0–10. */
export function checkDigit(digits: string, weights: readonly number[]): number {
  const sum = weights.reduce((total, weight, i) => total + weight * Number(digits[i]), 0)
  return (11 - (sum % 11)) % 11
}
