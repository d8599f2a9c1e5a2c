import type { Reach } from '../access/access.ts'
import { type SqlFragment, sql } from '../db/sql.ts'
import type { IndexRow } from '../search/index-row.ts'
import { compartmentToken, tokenHash } from '../search/token-hash.ts'

/** The condition that a row of `resource` (as `r`) must meet for this caller. Part of every statement that lets something out. */
export function reachCondition(reach: Reach): SqlFragment {
  switch (reach.kind) {
    case 'all':
      return sql`true`
    case 'none':
      return sql`false`
    case 'compartment':
      return sql`r.tokens @> ARRAY[${tokenHash(compartmentToken(reach.patient))}::bigint]`
  }
}

/** The same for a row that is about to be written. */
export function isWithin(reach: Reach, index: Pick<IndexRow, 'tokens'>): boolean {
  switch (reach.kind) {
    case 'all':
      return true
    case 'none':
      return false
    case 'compartment':
      return index.tokens.includes(tokenHash(compartmentToken(reach.patient)))
  }
}
