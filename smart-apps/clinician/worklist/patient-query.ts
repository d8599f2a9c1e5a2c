import type { Query } from '../fhir/client.ts'

const FOUND_COUNT_MAX = 12
const NATIONAL_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.1'
const D_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.2'

/** Eleven digits, however they are grouped, are a number; all else is a name. It goes by POST, and stands in no address. */
export function patientQuery(words: string): Query {
  const digits = words.replace(/[\s.-]/g, '')
  const query: Query = /^\d{11}$/.test(digits)
    ? { identifier: `${NATIONAL_NUMBER}|${digits},${D_NUMBER}|${digits}` }
    : { name: words.trim().split(/\s+/) }
  return { ...query, _count: FOUND_COUNT_MAX }
}
