import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Log } from '../log.ts'
import { type Loop, startLoop } from '../process/loop.ts'

/** So often while something is written: what waits then is sorted in within milliseconds. */
const SORT_MILLISECONDS = 250
/** While nothing is written it is looked less and less often, down to this. */
const IDLE_MILLISECONDS = 2_000
/** Who may not do it, or cannot at the moment. */
const FAILED_MILLISECONDS = 60_000

/**
 * Sorts in what waits in the lists of all GIN indexes: tokens, words, the months of the audit. PostgreSQL does so when a list is full,
 * within whichever write fills it: some 2,400 rows at once, which took 80 ms, and as long as that transaction lasts nobody is given the
 * events of those that began later. Done here it is part of no transaction that writes: nobody waits for it, and searches have fewer
 * entries to go through that are not sorted. An index that belongs to somebody else only they may sort in: it is left to them, and stops nothing of ours.
 * @returns how many pages of the lists were sorted in
 */
export async function sortIn(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ pages: string | null }>(
    prepared(sql`
      SELECT sum(gin_clean_pending_list(i.oid::regclass)) AS pages
        FROM pg_class i JOIN pg_am a ON a.oid = i.relam
       WHERE a.amname = 'gin' AND i.relkind = 'i' AND i.relpersistence <> 't' AND i.relnamespace = 'public'::regnamespace
         AND pg_has_role(i.relowner, 'USAGE')`),
  )
  return Number(rows[0]?.pages ?? 0)
}

/** Does so again and again until it is stopped. Any number of these may run: one waits for the other, and finds nothing left. */
export function startSortingIn({ pool, log }: { pool: Queryable; log: Pick<Log, 'warn'> }): Loop {
  let wait = SORT_MILLISECONDS
  return startLoop(async () => {
    try {
      const pages = await sortIn(pool)
      wait = pages > 0 ? SORT_MILLISECONDS : Math.min(IDLE_MILLISECONDS, 2 * wait)
      return wait
    } catch (error) {
      log.warn(
        { err: error },
        'new entries of indexes are sorted in by those who write, until it can be done beside them',
      )
      return FAILED_MILLISECONDS
    }
  })
}
