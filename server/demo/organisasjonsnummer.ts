import { organizationCheckDigit } from '../national-numbers/other-numbers.ts'

/**
 * An organisasjonsnummer of the synthetic series (it begins with 31; real ones begin with 8 or 9).
 * @param serial another number for another organisation; numbers without a check digit are stepped over
 */
export function syntheticOrganisasjonsnummer(serial: number): string {
  for (let eight = 31_000_000 + serial * 11; ; eight++) {
    const digit = organizationCheckDigit(String(eight))
    if (digit < 10) return `${eight}${digit}`
  }
}
