import type { Handling } from '../core/decide/decision-record.ts'
import type { TimerKind } from '../core/decide/timer.ts'
import type { Pool, Queryable, Tx } from '../db/pool.ts'
import { prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { EVENT_COLUMNS, type FeedEvent, IS_READABLE, NO_EVENT } from '../outbox/feed.ts'
import { type PlacedTimer, type TimerRow, toTimer } from './timers.ts'

const PARTITION_COUNT = 16
export const PARTITIONS: readonly number[] = Array.from({ length: PARTITION_COUNT }, (_, part) => part)
export const partitionOf = (bucket: number) => bucket % PARTITION_COUNT

/** What a worker has to do in the parts that it has locked. */
export type Claimed = {
  /** All parts in one order. */
  events: FeedEvent[]
  /** Those of the events that may have been read before, in the database that this one was restored from. */
  readBefore: ReadonlySet<FeedEvent>
  /** Those that have rung, oldest first. */
  timers: PlacedTimer[]
}

/** Where to look for work, and for which kinds of timers that have rung by `now`. */
export type WorkAsked = {
  partitions: readonly number[]
  kinds: TimerKind[]
  now: Date
  /** Some plan listens to triages: they are work too. */
  hearsTriages?: boolean
}

/**
 * The engine's own triages come by in the feed, one for each measurement, and mean nothing to it unless a plan listens to them. They are no
 * reason for a round: they are passed with what comes next in their part.
 */
export const IS_OWN_TRIAGE = sql`(type = 'ClinicalImpression' AND depth > 0)`
export const isOwnTriage = ({ type, depth }: Pick<FeedEvent, 'type' | 'depth'>): boolean =>
  type === 'ClinicalImpression' && depth > 0
/** More of them than this are passed by themselves, so that nobody goes through many of them again and again. */
const LEFT_COUNT_MAX = 200

/** The next events of a part that is called `c`, with whether each is work. */
const nextOf = (hearsTriages: boolean) => sql`
  SELECT ${IS_READABLE} AS readable, ${hearsTriages} OR NOT ${IS_OWN_TRIAGE} AS is_work
    FROM event WHERE bucket % 16 = c.partition AND (xid, seq) > (c.xid, c.seq)
   ORDER BY xid, seq LIMIT ${LEFT_COUNT_MAX}`

export type Work = {
  /** Parts in which an event can be read or a clock has rung. */
  ready: number[]
  /** Some event is committed but waits for a transaction that began earlier: look again very soon. */
  waiting: boolean
  /** When the next timer rings, if nothing is set before. */
  nextDue: Date | undefined
}

/**
 * Looks for work without locking anything, so that idle workers write nothing and hold nobody up.
 * @param partitions the parts that are looked at; left out, all
 */
export async function findWork(
  db: Queryable,
  {
    partitions = PARTITIONS,
    kinds,
    now,
    hearsTriages = true,
  }: Partial<Pick<WorkAsked, 'partitions'>> & Omit<WorkAsked, 'partitions'>,
): Promise<Work> {
  const { rows } = await db.query<{ partition: number | null; readable: boolean; due_at: Date | null }>(
    prepared(sql`
      SELECT c.partition, e.readable, NULL::timestamptz AS due_at
        FROM engine_cursor c CROSS JOIN LATERAL (
          (SELECT readable FROM (${nextOf(hearsTriages)}) n WHERE is_work LIMIT 1)
          UNION ALL
          (SELECT readable FROM (${nextOf(hearsTriages)}) n OFFSET ${LEFT_COUNT_MAX - 1})
          LIMIT 1) e
       WHERE c.partition = ANY (${partitions}::smallint[])
      UNION ALL
      SELECT DISTINCT partition, true, NULL::timestamptz FROM (SELECT partition FROM timer
        WHERE due_at <= ${now.toISOString()}::timestamptz AND kind = ANY (${kinds}::text[])
          AND partition = ANY (${partitions}::smallint[])
        ORDER BY due_at LIMIT 1000) t
      UNION ALL
      (SELECT NULL, true, due_at FROM timer
        WHERE due_at > ${now.toISOString()}::timestamptz AND kind = ANY (${kinds}::text[])
          AND partition = ANY (${partitions}::smallint[])
        ORDER BY due_at LIMIT 1)`),
  )
  return {
    ready: [...new Set(rows.flatMap((row) => (row.readable && row.partition !== null ? [row.partition] : [])))],
    waiting: rows.some((row) => !row.readable),
    nextDue: rows.find((row) => row.due_at !== null)?.due_at ?? undefined,
  }
}

/** Parts in which a timer has rung are told by so many of the oldest. */
const RUNG_LOOK_MAX = 1_000

/**
 * Locks those of the parts that have work and no other worker, until `tx` ends, and takes at most `countMax` of the events after their
 * cursors; and of the timers that have rung, unless there are more events: a timer rings only when all that was measured before has
 * been seen, and the lock on its part keeps other workers away from it. One statement, which locks nothing where nothing is to be done.
 * @param kinds what this worker can handle: during an upgrade a newer one may have set timers that only it understands
 */
export async function claimWork(
  tx: Tx,
  { partitions, kinds, now, countMax, hearsTriages = true }: WorkAsked & { countMax: number },
): Promise<Claimed> {
  type Happened = FeedEvent & { read_before_seq: string }
  type Rung = { seq: null; timer: Omit<TimerRow, 'due_at'>; due_at: Date }
  const isDue = sql`due_at <= ${now.toISOString()}::timestamptz AND kind = ANY (${kinds}::text[])`
  const { rows } = await tx.query<Happened | Rung>(
    prepared(sql`
      WITH part AS MATERIALIZED (
        SELECT partition, xid, seq, read_before_seq FROM engine_cursor c
         WHERE partition = ANY (${partitions}::smallint[])
           AND (EXISTS (SELECT FROM (${nextOf(hearsTriages)}) n WHERE is_work AND readable)
                OR EXISTS (SELECT FROM (${nextOf(hearsTriages)}) n WHERE readable OFFSET ${LEFT_COUNT_MAX - 1})
                OR partition IN (SELECT t.partition FROM timer t
                                  WHERE ${isDue} AND t.partition = ANY (${partitions}::smallint[])
                                  ORDER BY due_at LIMIT ${RUNG_LOOK_MAX}))
         ORDER BY partition FOR UPDATE SKIP LOCKED),
      happened AS MATERIALIZED (
        SELECT e.*, part.read_before_seq FROM part CROSS JOIN LATERAL (
          SELECT ${EVENT_COLUMNS} FROM event
           WHERE bucket % 16 = part.partition AND (xid, seq) > (part.xid, part.seq) AND ${IS_READABLE}
           ORDER BY xid, seq LIMIT ${countMax}) e
         ORDER BY e.xid, e.seq LIMIT ${countMax}),
      rung AS MATERIALIZED (
        SELECT kind, about, plan, name, patient, partition, due_at, payload FROM timer
         WHERE ${isDue} AND partition IN (SELECT partition FROM part) AND (SELECT count(*) FROM happened) < ${countMax}
         ORDER BY due_at LIMIT ${countMax} FOR UPDATE SKIP LOCKED)
      SELECT h.*, NULL::timestamptz AS due_at, NULL::json AS timer FROM happened h
       UNION ALL
      SELECT ${NO_EVENT}, NULL, due_at, json_build_object('kind', kind, 'about', about, 'plan', plan, 'name', name,
             'patient', patient, 'partition', partition, 'payload', payload) FROM rung
       ORDER BY xid, seq, due_at`),
  )
  const events: FeedEvent[] = []
  const readBefore = new Set<FeedEvent>()
  const timers: PlacedTimer[] = []
  for (const row of rows) {
    if (row.seq === null) timers.push(toTimer({ ...row.timer, due_at: row.due_at }))
    else {
      const { read_before_seq, ...event } = row
      events.push(event)
      if (BigInt(event.seq) <= BigInt(read_before_seq)) readBefore.add(event)
    }
  }
  return { events, readBefore, timers }
}

/** Moves each part's cursor to the last of its events. */
export async function moveCursors(tx: Tx, events: FeedEvent[]): Promise<void> {
  const last = new Map(events.map((event) => [partitionOf(event.bucket), event]))
  if (last.size === 0) return
  await tx.query(
    prepared(sql`
      UPDATE engine_cursor c SET xid = n.xid, seq = n.seq
        FROM unnest(${[...last.keys()]}::smallint[], ${[...last.values()].map((e) => e.xid)}::xid8[],
                    ${[...last.values()].map((e) => e.seq)}::bigint[]) AS n(partition, xid, seq)
       WHERE c.partition = n.partition`),
  )
}

/** How far the engine is with one version of a resource. */
export async function readHandling(
  db: Queryable,
  { type, id, versionId, lastUpdated }: { type: string; id: string; versionId: number; lastUpdated: string },
): Promise<Handling> {
  const { rows } = await db.query<{ is_read: boolean; is_set_aside: boolean }>(
    sql`SELECT (e.xid, e.seq) <= (c.xid, c.seq) AS is_read,
               EXISTS (SELECT FROM engine_set_aside WHERE happening = ${`${type}/${id}/_history/${versionId}`}) AS is_set_aside
          FROM event e JOIN engine_cursor c ON c.partition = e.bucket % 16
         WHERE e.type = ${type} AND e.recorded_at = ${lastUpdated}::timestamptz AND e.id = ${id}`,
  )
  const [event] = rows
  if (event?.is_set_aside) return 'set-aside'
  return event && !event.is_read ? 'waiting' : 'handled'
}

/** Moves the engine past everything that is committed: history that is loaded shall raise no Tasks. No engine may run. */
export async function skipEvents(pool: Pool): Promise<void> {
  await pool.query(sql`
    UPDATE engine_cursor c SET xid = e.xid, seq = e.seq
      FROM engine_cursor own CROSS JOIN LATERAL (
        SELECT xid, seq FROM event WHERE bucket % 16 = own.partition ORDER BY xid DESC, seq DESC LIMIT 1) e
     WHERE own.partition = c.partition`)
}

/**
 * For a database that was restored into another cluster (outbox/restored.ts), whose transaction ids mean nothing here: each
 * part goes on by sequence, before the first event that it had not read. What it had read beyond that is read once more, and marked.
 */
export async function rewindCursors(tx: Tx): Promise<void> {
  await tx.query(sql`
    UPDATE engine_cursor c SET xid = '0', seq = coalesce(
      (SELECT min(e.seq) - 1 FROM event e WHERE e.bucket % 16 = c.partition AND (e.xid, e.seq) > (c.xid, c.seq)),
      (SELECT max(e.seq) FROM event e WHERE e.bucket % 16 = c.partition), 0),
      read_before_seq = coalesce((SELECT max(e.seq) FROM event e), 0)`)
}
