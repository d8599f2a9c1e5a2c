import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Audit } from './audit.ts'
import { OWN_AGENT } from './own-agent.ts'
import type { Head } from './record.ts'

/**
 * Writes down where the chains are, so that a chain whose end is cut off later is missed by another. What no seal has seen yet is what
 * was written since the last one.
 * @returns the heads that were sealed; none where nothing has been written since
 */
export async function seal(audit: Audit, heads: Head[] = audit.grown()): Promise<Head[]> {
  if (heads.length === 0) return []
  await audit.note({ code: 'seal', agent: OWN_AGENT, heads })
  return heads
}

/**
 * Where every chain is that has been written to since the last seal that is filed: what a process that was killed could not seal.
 */
export async function unsealedHeads(db: Queryable): Promise<Head[]> {
  const { rows } = await db.query<{ month: string; chain: string; block: number; head: string }>(sql`
    SELECT DISTINCT ON (month, chain) month::text, chain, block, head FROM audit_block
     WHERE recorded_at >= coalesce((SELECT max(since) FROM audit_filing WHERE tokens @> ARRAY['code=seal']),
                                   '-infinity'::timestamptz)
     ORDER BY month, chain, block DESC`)
  return rows.map(({ month, chain, block, head }) => [month, chain, block, head])
}
