import { setTimeout as sleep } from 'node:timers/promises'
import type { DemoClock } from '../clock/demo-clock.ts'
import { handledKinds } from '../core/decide/rings.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { CHANNEL } from '../outbox/notice.ts'
import { findWork } from './cursor.ts'

/** Timers nearer to each other than this ring together: a second of the demo is not worth a round each. */
const STEP_MILLISECONDS = 60_000
/** How long one call may take: what is not done then is told, and the next call goes on. */
const BUDGET_MILLISECONDS = 40_000
/** An engine that has not come to rest by then is not running. */
const REST_MILLISECONDS_MAX = 15_000
const LOOK_MILLISECONDS = 10

export type Passed = { now: Date; isThere: boolean }

/**
 * Lets time pass until a moment, as if it had: the clock goes from timer to timer, and at each stays until the engine has handled
 * what came of it. So a reminder goes out before the measurement is missed, although both are past in the end.
 * @returns where the clock is: before `until` when the call would have taken too long
 * @throws Refusal `timeout` when the engine does not come to rest
 */
export async function passTime(pool: Pool, clock: DemoClock, until: Date): Promise<Passed> {
  const deadline = performance.now() + BUDGET_MILLISECONDS
  for (;;) {
    await untilRest(pool, clock)
    const now = clock.now()
    if (now >= until) return { now, isThere: true }
    if (performance.now() > deadline) return { now, isThere: false }
    const next = await nextTimers(pool, now)
    await clock.advanceTo(next && next < until ? next : until)
    await pool.query(`NOTIFY ${CHANNEL}`)
  }
}

/** When the next timer rings, and with it those of the minute after: none is passed by more than that. */
async function nextTimers(pool: Pool, now: Date): Promise<Date | undefined> {
  const { rows } = await pool.query<{ due_at: Date | null }>(sql`
    WITH later AS (SELECT due_at FROM timer WHERE due_at > ${now.toISOString()}::timestamptz AND kind = ANY (${handledKinds()}::text[]))
    SELECT max(due_at) AS due_at FROM later
     WHERE due_at <= (SELECT min(due_at) FROM later) + ${STEP_MILLISECONDS}::int * interval '1 millisecond'`)
  return rows[0]?.due_at ?? undefined
}

/** Nothing to read in the feed, and no timer due. */
async function untilRest(pool: Pool, clock: DemoClock): Promise<void> {
  const deadline = performance.now() + REST_MILLISECONDS_MAX
  for (;;) {
    const { ready, waiting } = await findWork(pool, { kinds: handledKinds(), now: clock.now() })
    if (ready.length === 0 && !waiting) return
    if (performance.now() > deadline) {
      throw refuse('timeout', `The process engine did not come to rest within ${REST_MILLISECONDS_MAX / 1000} seconds`)
    }
    await sleep(LOOK_MILLISECONDS)
  }
}
