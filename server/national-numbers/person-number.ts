import { hasCheckDigits } from './check-digits.ts'
import type { Judgement } from './judgement.ts'

/**
 * What is added to the month: nothing for a real number, 40 for a hjelpenummer, which Nav's Dolly uses for made-up people too, 65 by
 * Norsk helsenett and 80 by Skatteetaten (Tenor, Test-Norge) for theirs.
 */
const MONTHS = { real: 0, forty: 40, helsenett: 65, tenor: 80 } as const
type Series = keyof typeof MONTHS

/** The day of a D-number has 40 added. */
const D_DAYS = 40

const MADE_UP = {
  forty: 'Dolly, month + 40',
  helsenett: 'Norsk helsenett, month + 65',
  tenor: 'Tenor, month + 80',
}

type Birth = { isDNumber: boolean; series: Series }

/** The date in a number of eleven digits, as far as it is one: the century is not in it, and from 2032 on neither is the sex. */
function birthOf(eleven: string): Birth | undefined {
  const [day, month, year] = [0, 2, 4].map((at) => Number(eleven.slice(at, at + 2))) as [number, number, number]
  const isDNumber = day > D_DAYS
  const series = (Object.keys(MONTHS) as Series[]).find((one) => month > MONTHS[one] && month <= MONTHS[one] + 12)
  if (!series) return undefined
  return isDay(isDNumber ? day - D_DAYS : day, month - MONTHS[series], year) ? { isDNumber, series } : undefined
}

/** In some century: the year 00 was no leap year in 1900 and one in 2000. */
function isDay(day: number, month: number, year: number): boolean {
  const lastDay = new Date(Date.UTC(2000 + year, month, 0)).getUTCDate()
  return day >= 1 && day <= lastDay
}

function judgePerson(value: string, expected: string, accepts: (birth: Birth) => boolean): Judgement {
  if (!/^\d{11}$/.test(value)) return { problem: `Must be ${expected}: 11 digits, without spaces.` }
  const birth = birthOf(value)
  if (!birth) return { problem: `Must be ${expected}: its first six digits are no date (DDMMYY).` }
  if (!accepts(birth)) return { problem: `Must be ${expected}; these digits are those of ${nameOf(birth)}.` }
  if (!hasCheckDigits(value))
    return { problem: `Must be ${expected}: its last two digits, the check digits, are wrong.` }
  return birth.series === 'real' ? {} : { madeUp: MADE_UP[birth.series] }
}

const nameOf = ({ isDNumber, series }: Birth) => {
  if (isDNumber) return 'a D-number (day + 40)'
  return series === 'forty' ? 'an H-number (month + 40)' : 'a fødselsnummer'
}

/** https://www.skatteetaten.no/person/folkeregister/identitetsnummer/fodselsnummer/ */
export const judgeFnr = (value: string): Judgement =>
  judgePerson(value, 'a fødselsnummer', ({ isDNumber }) => !isDNumber)

/** https://www.skatteetaten.no/person/folkeregister/identitetsnummer/d-nummer/ */
export const judgeDNumber = (value: string): Judgement => judgePerson(value, 'a D-number', ({ isDNumber }) => isDNumber)

/** A hjelpenummer is not made up because its month is: 40 is what tells that it is one. */
export function judgeHNumber(value: string): Judgement {
  const { problem } = judgePerson(value, 'an H-number', ({ isDNumber, series }) => !isDNumber && series === 'forty')
  return problem === undefined ? {} : { problem }
}

/** Felles hjelpenummer: from 800000000 on, with the check digits of a fødselsnummer; neither birth date nor sex is in it. */
export function judgeFhNumber(value: string): Judgement {
  if (!/^[89]\d{10}$/.test(value)) return { problem: 'Must be an FH-number: 11 digits, of which the first is 8 or 9.' }
  return hasCheckDigits(value)
    ? {}
    : { problem: 'Must be an FH-number: its last two digits, the check digits, are wrong.' }
}
