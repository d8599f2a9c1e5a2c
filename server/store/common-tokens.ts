import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** PostgreSQL renews its statistics when a tenth of a table has changed; nothing is lost by knowing it a minute late. */
const RENEWAL_MILLISECONDS = 60_000

/**
 * The tokens that more than a thousand resources have, by their hash, as PostgreSQL's statistics tell. Renewed in the background when somebody asks and a
 * minute has passed; nobody waits for it.
 * @returns what tells whether a token is common; undefined as long as there are no statistics
 */
export function followCommonTokens(db: Queryable, now: () => number = Date.now) {
  let common: ReadonlySet<string> | undefined
  let readAt = Number.NEGATIVE_INFINITY
  const isCommon = (hash: string): boolean => common?.has(hash) ?? false

  return (): ((hash: string) => boolean) | undefined => {
    if (now() - readAt > RENEWAL_MILLISECONDS) {
      readAt = now()
      readCommonTokens(db).then(
        (tokens) => {
          common = tokens
        },
        // What was known goes on being used; it only steers plans.
        () => {},
      )
    }
    return common && isCommon
  }
}

/** As many resources as are gathered and ordered in some milliseconds. */
const FEW = 1_000

/** @returns undefined without statistics */
export async function readCommonTokens(db: Queryable): Promise<ReadonlySet<string> | undefined> {
  const { rows } = await db.query<{ tokens: string[] | null }>(
    prepared(sql`
      SELECT (SELECT coalesce(array_agg(token), '{}') FROM unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS e(token, share)
               WHERE token IS NOT NULL AND share * c.reltuples > ${FEW}::float8) AS tokens
        FROM pg_stats s JOIN pg_class c ON c.oid = 'public.resource'::regclass
       WHERE s.schemaname = 'public' AND s.tablename = 'resource' AND s.attname = 'tokens' AND s.most_common_elems IS NOT NULL`),
  )
  const tokens = rows[0]?.tokens
  return tokens ? new Set(tokens) : undefined
}
