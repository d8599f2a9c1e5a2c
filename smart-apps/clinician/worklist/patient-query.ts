import type { Query } from '../../fhir/client.ts'

const FOUND_COUNT_MAX = 12
const WORDS_LENGTH_MIN = 2
const NATIONAL_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.1'
const D_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.2'

/** @returns undefined when nothing is asked. Eleven digits, however they are grouped, are a number; all else is a name, also "Danser, Line": a comma would mean "or". It goes by POST, and stands in no address. */
export function patientQuery(words: string): Query | undefined {
  const digits = words.replace(/[\s.-]/g, '')
  const name = words.split(/[\s,]+/).filter(Boolean)
  if (name.join('').length < WORDS_LENGTH_MIN) return undefined
  const query: Query = /^\d{11}$/.test(digits)
    ? { identifier: `${NATIONAL_NUMBER}|${digits},${D_NUMBER}|${digits}` }
    : { name }
  return { ...query, _count: FOUND_COUNT_MAX }
}
