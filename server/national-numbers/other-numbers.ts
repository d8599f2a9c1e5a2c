import { checkDigit, weightedSum } from './check-digits.ts'
import type { Judgement } from './judgement.ts'

const ORGANIZATION_WEIGHTS = [3, 2, 7, 6, 5, 4, 3, 2]
const DUF_WEIGHTS = [4, 6, 3, 2, 4, 6, 3, 2, 7, 5]

/** The ninth digit of an organisasjonsnummer; 10 where there is none. */
export const organizationCheckDigit = (eight: string): number => checkDigit(eight, ORGANIZATION_WEIGHTS)

/** Those that are given out begin with 8 or 9, those of Tenor with 2 or 3. https://www.brreg.no/om-oss/registrene-vare/om-enhetsregisteret/organisasjonsnummeret/ */
export function judgeOrganizationNumber(value: string): Judgement {
  if (!/^\d{9}$/.test(value)) return { problem: 'Must be an organisation number: 9 digits, without spaces.' }
  if (organizationCheckDigit(value) !== Number(value[8]))
    return { problem: 'Must be an organisation number: its last digit, the check digit, is wrong.' }
  if (value.startsWith('0')) return { problem: 'Must be an organisation number: its first digit is not 0.' }
  if (/^[89]/.test(value)) return {}
  if (/^[23]/.test(value)) return { madeUp: 'Tenor, first digit 2 or 3' }
  // A series that is not published today may be given out one day.
  return { problem: 'Is probably no organisation number: those begin with 8 or 9.', isPresumed: true }
}

/**
 * Year, serial number and two digits of control. The rule of those two is not published by Utlendingsdirektoratet; this one is of
 * Statistisk sentralbyrå's control of KOSTRA.
 */
export function judgeDufNumber(value: string): Judgement {
  if (!/^(19|20)\d{10}$/.test(value))
    return { problem: 'Must be a DUF number: 12 digits, of which the first four are a year.' }
  const control = String(weightedSum(value, DUF_WEIGHTS) % 11).padStart(2, '0')
  return value.endsWith(control)
    ? {}
    : { problem: 'Is probably no DUF number: its last two digits, the control, seem wrong.', isPresumed: true }
}

/** It has no check digit. https://www.helsedirektoratet.no/tjenester/helsepersonellregisteret-hpr */
export const judgeHprNumber = (value: string): Judgement =>
  /^[1-9]\d{0,8}$/.test(value) ? {} : { problem: 'Must be an HPR number: up to 9 digits, of which the first is not 0.' }

export const judgeReshId = (value: string): Judgement =>
  /^[1-9]\d*$/.test(value) ? {} : { problem: 'Must be a RESH id: a whole number.' }
