import { type SqlFragment, sql } from '../db/sql.ts'
import { referenceToken, tokenHash } from '../search/token-hash.ts'

/**
 * A condition on `resource`: a CarePlan that names one of these plans, found by the index of R4's search parameter
 * `instantiates-canonical`. Reading the text of every CarePlan took as long as there are people who were ever followed.
 * @param canonicals a url alone finds those who name it in any version, or in none
 */
export const enrolsIn = (canonicals: string[]): SqlFragment => sql`
  type = 'CarePlan' AND NOT deleted
   AND tokens && ${canonicals.map((one) => tokenHash(referenceToken('CarePlan.instantiatesCanonical', one)))}::bigint[]`
