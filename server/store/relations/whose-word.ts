import { raw, type SqlFragment, sql } from '../../db/sql.ts'

/** What a patient or their family says of who is near them is no word on parental responsibility. */
export const OF_THE_FAMILY = '^(Patient|RelatedPerson)/'

/**
 * Whether staff, or a system of theirs, made the RelatedPerson that a row is of. The change feed knows who did. What was deleted and comes
 * again is made anew, by whoever brings it.
 * @param alias of a row with `bucket` and `rk`
 */
export const isStaffsWord = (alias: string): SqlFragment => {
  const row = raw(alias)
  return sql`coalesce((
    SELECT e.actor !~ ${OF_THE_FAMILY}
      FROM (SELECT s.version, s.last_updated FROM resource s WHERE s.bucket = ${row}.bucket AND s.rk = ${row}.rk
            UNION ALL
            SELECT o.version, o.last_updated FROM resource_version o WHERE o.bucket = ${row}.bucket AND o.rk = ${row}.rk) v
      JOIN event e ON e.type = 'RelatedPerson' AND e.recorded_at = v.last_updated AND e.rk = ${row}.rk AND e.version = v.version
     WHERE e.interaction = 'create'
     ORDER BY e.version DESC LIMIT 1), false)`
}
