import { type SqlFragment, sql } from '../db/sql.ts'
import { referenceToken, tokenHash } from '../search/token-hash.ts'

/**
 * A condition on `resource`: a CarePlan that may name one of these plans, found by the index of R4's search parameter
 * `instantiates-canonical`. Reading the text of every CarePlan took as long as there are people who were ever followed.
 * A canonical without a version that lies below this server's own base is indexed as the literal reference that it also is; so a plan whose
 * url ends as such a reference does is looked for by that too, and whoever asks looks at what the CarePlan says.
 * @param canonicals a url alone finds those who name it in any version, or in none
 */
export const enrolsIn = (canonicals: string[]): SqlFragment => sql`
  type = 'CarePlan' AND NOT deleted
   AND tokens && ${canonicals.flatMap(indexedAs).map((one) => tokenHash(referenceToken('CarePlan.instantiatesCanonical', one)))}::bigint[]`

function indexedAs(canonical: string): string[] {
  const [, literal] = /\/(PlanDefinition\/[A-Za-z0-9.-]{1,64})$/.exec(canonical) ?? []
  return literal === undefined ? [canonical] : [canonical, literal]
}
