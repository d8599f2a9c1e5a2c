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
/** An engine that has work and has got no further in so long is not running: a round with hundreds of events may take a while. */
const STILL_MILLISECONDS_MAX = 60_000
const LOOK_MILLISECONDS = 10
/** How often it is looked how far the engine is. */
const PLACE_LOOK_MILLISECONDS = 1_000

export type Passed = { now: Date; isThere: boolean }
type Patience = { budgetMilliseconds?: number; stillMilliseconds?: number; hearsTriages?: () => Promise<boolean> }

/**
 * Lets time pass until a moment, as if it had: the clock goes from timer to timer, and at each stays until the engine has handled
 * what came of it. So a reminder goes out before the measurement is missed, although both are past in the end.
 * @param patience with whether some plan listens to triages: otherwise the engine leaves those of its own until something else comes
 * @returns where the clock is: before `until` when the call would have taken too long
 * @throws Refusal `timeout` when the engine has work and gets no further
 */
export async function passTime(
  pool: Pool,
  clock: DemoClock,
  until: Date,
  {
    budgetMilliseconds = BUDGET_MILLISECONDS,
    stillMilliseconds = STILL_MILLISECONDS_MAX,
    hearsTriages = async () => true,
  }: Patience = {},
): Promise<Passed> {
  const deadline = performance.now() + budgetMilliseconds
  for (;;) {
    const isAtRest = await untilRest(pool, clock, { deadline, stillMilliseconds, hearsTriages })
    const now = clock.now()
    if (isAtRest && now >= until) return { now, isThere: true }
    if (!isAtRest || performance.now() > deadline) return { now, isThere: false }
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

/**
 * Waits until there is nothing to read in the feed and no timer due.
 * @returns false when the deadline has come and the engine is still getting on
 * @throws Refusal `timeout` when it has got no further for so long
 */
async function untilRest(
  pool: Pool,
  clock: DemoClock,
  {
    deadline,
    stillMilliseconds,
    hearsTriages,
  }: { deadline: number } & Required<Pick<Patience, 'stillMilliseconds' | 'hearsTriages'>>,
): Promise<boolean> {
  const lookMilliseconds = Math.min(stillMilliseconds, PLACE_LOOK_MILLISECONDS)
  let place: string | undefined
  let stillSince = 0
  let lookAgainAt = 0
  for (;;) {
    const asked = { kinds: handledKinds(), now: clock.now(), hearsTriages: await hearsTriages() }
    const { ready, waiting } = await findWork(pool, asked)
    if (ready.length === 0 && !waiting) return true
    const now = performance.now()
    if (now > lookAgainAt) {
      const reached = await placeOf(pool, clock)
      // Whether it gets on is not known before it was seen to, or was not for long enough.
      if (place !== undefined && reached !== place && now > deadline) return false
      if (reached !== place) stillSince = now
      if (now - stillSince > stillMilliseconds) {
        throw refuse(
          'timeout',
          `The process engine has work and has got no further for ${stillMilliseconds / 1000} seconds`,
        )
      }
      place = reached
      lookAgainAt = now + lookMilliseconds
    }
    await sleep(LOOK_MILLISECONDS)
  }
}

/** How far the engine has come: where it is in the feed, and how many timers are due. */
async function placeOf(pool: Pool, clock: DemoClock): Promise<string> {
  const { rows } = await pool.query<{ place: string }>(sql`
    SELECT concat_ws('/', (SELECT string_agg(seq::text, ',' ORDER BY partition) FROM engine_cursor),
      (SELECT count(*) FROM timer WHERE due_at <= ${clock.now().toISOString()}::timestamptz)) AS place`)
  return String(rows[0]?.place)
}
