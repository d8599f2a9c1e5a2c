import { checkDigit } from './fnr.ts'

const WEIGHTS = [3, 2, 7, 6, 5, 4, 3, 2]

/** Enhetsregisteret (ENH), OID 2.16.578.1.12.4.1.4.101 */
export const ORGANISASJONSNUMMER_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.4.101'

/**
 * An organisasjonsnummer of the synthetic series (it begins with 31; real ones begin with 8 or 9).
 * @param serial another number for another organisation; numbers without a check digit are stepped over
 */
export function syntheticOrganisasjonsnummer(serial: number): string {
  for (let eight = 31_000_000 + serial * 11; ; eight++) {
    const digit = checkDigit(String(eight), WEIGHTS)
    if (digit < 10) return `${eight}${digit}`
  }
}

export function hasOrganisasjonsnummerCheckDigit(value: string): boolean {
  return /^\d{9}$/.test(value) && checkDigit(value, WEIGHTS) === Number(value[8])
}
