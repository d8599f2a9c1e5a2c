import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** A clock that can be put forward. It never goes back: what has rung has rung. */
export type DemoClock = {
  now(): Date
  /** Puts it forward to this moment; a moment that is past leaves it as it is. */
  advanceTo(moment: Date): Promise<void>
  stop(): void
}

/** How long another process may go by the old time after this one has put the clock forward. */
const LOOK_MILLISECONDS = 1_000

/**
 * The clock of a demo: the machine's, and as much ahead of it as the database says, so that all processes go by one time and a
 * restart does not take it back. Tokens and sessions go by the machine's own clock.
 */
export async function openDemoClock(pool: Pool): Promise<DemoClock> {
  let ahead = 0
  const read = async () => {
    const { rows } = await pool.query<{ ahead_milliseconds: string }>(sql`SELECT ahead_milliseconds FROM demo_clock`)
    ahead = Math.max(ahead, Number(rows[0]?.ahead_milliseconds ?? 0))
  }
  await read()
  // A look that fails is made up for by the next.
  const looking = setInterval(() => void read().catch(() => {}), LOOK_MILLISECONDS)
  looking.unref()
  return {
    now: () => new Date(Date.now() + ahead),
    async advanceTo(moment) {
      const wanted = moment.getTime() - Date.now()
      const { rows } = await pool.query<{ ahead_milliseconds: string }>(sql`
        UPDATE demo_clock SET ahead_milliseconds = greatest(ahead_milliseconds, ${Math.round(wanted)}::bigint)
        RETURNING ahead_milliseconds`)
      ahead = Math.max(ahead, Number(rows[0]?.ahead_milliseconds ?? 0))
    },
    stop: () => clearInterval(looking),
  }
}
