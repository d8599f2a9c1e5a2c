import { withCheckDigits } from '../national-numbers/check-digits.ts'

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
