import type { Identifier, Patient } from '@medplum/fhirtypes'

/** https://simplifier.net/hl7norwayno-basis: fødselsnummer and D-number. */
const NATIONAL_NUMBERS = ['urn:oid:2.16.578.1.12.4.1.4.1', 'urn:oid:2.16.578.1.12.4.1.4.2']

export { nameOf } from '../../server/core/fhir/human-name.ts'

/** Grouped as it is read aloud, 131169 00216. Only ever on the page: not in an address, a title, a log. */
export function nationalNumberOf(identifiers: readonly Identifier[] | undefined): string | undefined {
  const found = identifiers?.find(({ system }) => NATIONAL_NUMBERS.includes(system ?? ''))?.value
  return found && `${found.slice(0, 6)} ${found.slice(6)}`
}

/** Whole years, on a day. @param birthDate YYYY-MM-DD, or less where it is not known better: then undefined */
export function ageOf(birthDate: string | undefined, on = new Date()): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(birthDate ?? '') ?? []
  if (!year) return undefined
  const hasHadBirthday =
    on.getMonth() + 1 > Number(month) || (on.getMonth() + 1 === Number(month) && on.getDate() >= Number(day))
  return on.getFullYear() - Number(year) - (hasHadBirthday ? 0 : 1)
}

/** Who is dead is not called, and an old list may still have them. */
export const isDeceased = ({ deceasedBoolean, deceasedDateTime }: Patient): boolean =>
  deceasedBoolean === true || deceasedDateTime !== undefined
