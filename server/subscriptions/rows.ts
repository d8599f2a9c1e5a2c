import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Position } from '../outbox/feed.ts'
import type { Interaction } from './topics.ts'

/** What a Subscription has come to. Numbers of events are bigint, and come as text. */
export type SubscriptionRow = {
  id: string
  version: number
  content: string
  basis: string
  channel: 'rest-hook' | 'websocket' | 'message'
  status: 'requested' | 'active' | 'error' | 'off'
  reason: string | null
  last_number: string
  delivered_number: string
  failures: number
}

/** One event of one Subscription: a version of a resource. */
export type NumberedEvent = {
  number: string
  bucket: number
  rk: string
  version: number
  type: string
  id: string
  interaction: Interaction
  /** id of the Patient whose it is, where it can only be one's. */
  patient: string | null
  recorded_at: Date
}

const COLUMNS = sql`id, version, content, basis, channel, status, reason, last_number, delivered_number, failures`

/** On this channel processes tell each other that a Subscription has something to send, or has ended. */
export const CHANNEL = 'subscription'

/**
 * Where reading the feed has come to, this reader's alone until `tx` ends; undefined while another process reads. No row is locked for it:
 * whoever locks one has a transaction id, and until that has ended everybody who follows the feed waits for what came after it.
 */
export async function claimCursor(tx: Tx): Promise<Position | undefined> {
  const { rows } = await tx.query<{ mine: boolean }>(
    prepared(sql`SELECT pg_try_advisory_xact_lock(hashtext('what subscriptions are told of')) AS mine`),
  )
  if (!rows[0]?.mine) return undefined
  // A statement of its own: it sees what whoever held it before has written.
  const { rows: places } = await tx.query<Position>(prepared(sql`SELECT xid, seq FROM subscription_cursor`))
  return places[0]
}

/** @throws where somebody has moved it meanwhile without asking for it: all of this round is taken back, and nothing is numbered twice */
export async function moveCursor(tx: Tx, from: Position, to: Position): Promise<void> {
  const { rowCount } = await tx.query(
    prepared(sql`
      UPDATE subscription_cursor SET xid = ${to.xid}::xid8, seq = ${to.seq}::bigint
       WHERE xid = ${from.xid}::xid8 AND seq = ${from.seq}::bigint`),
  )
  if (rowCount !== 1) throw new Error('Somebody else has read on in the feed for subscriptions.')
}

/** For a database that was restored into another cluster: nothing is left out, and what is read twice is numbered twice. */
export async function rewindSubscriptionCursor(tx: Tx): Promise<void> {
  await tx.query(sql`
    UPDATE subscription_cursor c SET xid = '0', seq = coalesce(
      (SELECT min(e.seq) - 1 FROM event e WHERE (e.xid, e.seq) > (c.xid, c.seq)), (SELECT max(e.seq) FROM event e), 0)`)
}

export type Watching = Pick<SubscriptionRow, 'id' | 'version' | 'basis' | 'status' | 'content'>

/**
 * Those whose events are numbered: also while they are in error, for they may be asked for again.
 * @param known `id/version` of those whose content is known; theirs comes empty
 */
export async function readWatching(db: Queryable, known: readonly string[]): Promise<Watching[]> {
  const { rows } = await db.query<Watching>(
    prepared(sql`
      SELECT id, version, basis, status, CASE WHEN id || '/' || version = ANY (${known}::text[]) THEN '' ELSE content END AS content
        FROM subscription WHERE activated AND status <> 'off'`),
  )
  return rows
}

export async function readRow(db: Queryable, id: string): Promise<SubscriptionRow | undefined> {
  const { rows } = await db.query<SubscriptionRow>(prepared(sql`SELECT ${COLUMNS} FROM subscription WHERE id = ${id}`))
  return rows[0]
}

export async function readRows(db: Queryable, ids: readonly string[]): Promise<SubscriptionRow[]> {
  const { rows } = await db.query<SubscriptionRow>(
    prepared(sql`SELECT ${COLUMNS} FROM subscription WHERE id = ANY (${ids}::text[])`),
  )
  return rows
}

/** A Subscription as a caller has written it: asked for, from now on. What was numbered before goes on. */
export async function requestRow(
  tx: Tx,
  row: Pick<SubscriptionRow, 'id' | 'version' | 'content' | 'basis' | 'channel'>,
): Promise<void> {
  const { id, version, content, basis, channel } = row
  await tx.query(
    prepared(sql`
      INSERT INTO subscription (id, version, content, basis, channel, status)
      VALUES (${id}, ${version}, ${content}, ${basis}, ${channel}, 'requested')
      ON CONFLICT (id) DO UPDATE SET version = excluded.version, content = excluded.content, basis = excluded.basis,
             channel = excluded.channel, status = excluded.status, reason = NULL, failures = 0, due_at = now(),
             claimed_by = NULL, claimed_until = NULL,
             -- What came while it was off has no number, and a socket counts for itself.
             delivered_number = CASE WHEN subscription.status = 'off' OR subscription.channel = 'websocket'
                                     THEN subscription.last_number ELSE subscription.delivered_number END
       WHERE subscription.version < excluded.version`),
  )
}

/** A Subscription by which its maker does not ask to be told any more. */
export async function endRow(tx: Tx, { id, version, content }: Pick<SubscriptionRow, 'id' | 'version' | 'content'>) {
  await tx.query(
    prepared(sql`
      UPDATE subscription SET version = ${version}, content = ${content}, status = 'off', reason = NULL, failures = 0,
             claimed_by = NULL, claimed_until = NULL
       WHERE id = ${id} AND version < ${version}`),
  )
}

export async function removeRow(tx: Tx, id: string): Promise<void> {
  await tx.query(
    prepared(sql`
      WITH events AS (DELETE FROM subscription_event WHERE subscription = ${id}) DELETE FROM subscription WHERE id = ${id}`),
  )
}

export type Matched = { subscription: string; events: Omit<NumberedEvent, 'number'>[] }

/** Gives the events the next numbers of their Subscriptions, in their order. */
export async function numberEvents(tx: Tx, matched: readonly Matched[]): Promise<void> {
  const found = matched.filter(({ events }) => events.length > 0)
  if (found.length === 0) return
  const rows = found.flatMap(({ subscription, events }) => events.map((event, i) => ({ subscription, event, i })))
  await tx.query(
    prepared(sql`
      WITH more AS (
        SELECT * FROM unnest(${found.map(({ subscription }) => subscription)}::text[], ${found.map(({ events }) => events.length)}::int[])
                      AS m(id, count)),
      counted AS (
        UPDATE subscription s SET last_number = s.last_number + m.count,
               -- Who waits to try again goes on waiting.
               due_at = CASE WHEN s.failures = 0 AND s.status = 'active' AND s.channel <> 'websocket' THEN least(s.due_at, now()) ELSE s.due_at END
          FROM more m WHERE s.id = m.id AND s.status <> 'off' RETURNING s.id, s.last_number - m.count AS before)
      INSERT INTO subscription_event (subscription, number, bucket, rk, version, type, id, interaction, patient, recorded_at)
      SELECT n.subscription, c.before + n.i + 1, n.bucket, n.rk, n.version, n.type, n.id, n.interaction, n.patient, n.recorded_at
        FROM unnest(${rows.map(({ subscription }) => subscription)}::text[], ${rows.map(({ i }) => i)}::int[],
                    ${rows.map(({ event }) => event.bucket)}::smallint[], ${rows.map(({ event }) => event.rk)}::bigint[],
                    ${rows.map(({ event }) => event.version)}::int[], ${rows.map(({ event }) => event.type)}::text[],
                    ${rows.map(({ event }) => event.id)}::text[], ${rows.map(({ event }) => event.interaction)}::text[],
                    ${rows.map(({ event }) => event.patient)}::text[],
                    ${rows.map(({ event }) => event.recorded_at.toISOString())}::timestamptz[])
             AS n(subscription, i, bucket, rk, version, type, id, interaction, patient, recorded_at)
        JOIN counted c ON c.id = n.subscription`),
  )
}

/** Events with numbers above `after` and up to `until`, in order. */
export async function readEvents(
  db: Queryable,
  subscription: string,
  { after, until, countMax }: { after: string; until?: string | undefined; countMax: number },
): Promise<NumberedEvent[]> {
  const { rows } = await db.query<NumberedEvent>(
    prepared(sql`
      SELECT number, bucket, rk, version, type, id, interaction, patient, recorded_at FROM subscription_event
       WHERE subscription = ${subscription} AND number > ${after}::bigint
         AND number <= coalesce(${until ?? null}::bigint, 9223372036854775807)
       ORDER BY number LIMIT ${countMax}`),
  )
  return rows
}

export async function tellOthers(db: Queryable): Promise<void> {
  await db.query(`NOTIFY ${CHANNEL}`)
}

/** Longer than a receiver may take by the usual timeout: after this time whoever has claimed it was killed. */
const CLAIM_SECONDS = 20

/** Those that have something to be sent now, for this sender alone. */
export async function claimDue(db: Queryable, sender: string, countMax: number): Promise<SubscriptionRow[]> {
  const { rows } = await db.query<SubscriptionRow>(
    prepared(sql`
      UPDATE subscription SET claimed_by = ${sender}::uuid, claimed_until = now() + make_interval(secs => ${CLAIM_SECONDS}::int)
       WHERE id IN (SELECT id FROM subscription WHERE status IN ('requested', 'active') AND due_at <= now()
                       AND (claimed_until IS NULL OR claimed_until < now())
                     ORDER BY due_at LIMIT ${countMax} FOR UPDATE SKIP LOCKED)
      RETURNING ${COLUMNS}`),
  )
  return rows
}

/** Goes on holding what is about to take its time. @returns whether it is still held */
export async function holdClaim(db: Queryable, id: string, sender: string, seconds: number): Promise<boolean> {
  const { rowCount } = await db.query(
    prepared(sql`
      UPDATE subscription SET claimed_until = now() + make_interval(secs => ${seconds + CLAIM_SECONDS}::int)
       WHERE id = ${id} AND claimed_by = ${sender}::uuid`),
  )
  return rowCount === 1
}

export type Delivered = { id: string; sender: string; number: string; heartbeatSeconds: number | undefined }

/**
 * Up to this number all is delivered. What has come meanwhile is due at once, and stays the sender's.
 * @returns the row as it is now; undefined where it is not the sender's any more
 */
export async function noteDelivered(db: Queryable, done: Delivered): Promise<SubscriptionRow | undefined> {
  const { id, sender, number, heartbeatSeconds = null } = done
  const { rows } = await db.query<SubscriptionRow>(
    prepared(sql`
      UPDATE subscription SET delivered_number = greatest(delivered_number, ${number}::bigint), failures = 0,
             due_at = CASE WHEN last_number > ${number}::bigint THEN now()
                           ELSE coalesce(now() + make_interval(secs => ${heartbeatSeconds}::int), 'infinity') END,
             claimed_until = CASE WHEN last_number > ${number}::bigint
                                  THEN now() + make_interval(secs => ${CLAIM_SECONDS}::int) END
       WHERE id = ${id} AND claimed_by = ${sender}::uuid RETURNING ${COLUMNS}`),
  )
  return rows[0]
}

/** It was not taken, or could not be sent, and is tried again later. */
export async function noteFailure(db: Queryable, id: string, sender: string, waitMillis: number): Promise<void> {
  await db.query(
    prepared(sql`
      UPDATE subscription SET failures = failures + 1, claimed_until = NULL,
             due_at = now() + make_interval(secs => ${waitMillis}::float8 / 1000)
       WHERE id = ${id} AND claimed_by = ${sender}::uuid`),
  )
}

/** Gives it back as it is, for whoever comes next. */
export async function releaseClaim(db: Queryable, id: string, sender: string): Promise<void> {
  await db.query(
    prepared(sql`UPDATE subscription SET claimed_until = NULL WHERE id = ${id} AND claimed_by = ${sender}::uuid`),
  )
}

/** Gives it back as it is: somebody comes for it again after a while. */
export async function putOff(db: Queryable, id: string, sender: string, waitMillis: number): Promise<void> {
  await db.query(
    prepared(sql`
      UPDATE subscription SET claimed_until = NULL,
             due_at = greatest(due_at, now() + make_interval(secs => ${waitMillis}::float8 / 1000))
       WHERE id = ${id} AND claimed_by = ${sender}::uuid`),
  )
}

/** When the next is due that nobody has, and how many milliseconds that is from now; undefined where none is. */
export async function untilNextDue(db: Queryable): Promise<number | undefined> {
  const { rows } = await db.query<{ millis: number | null }>(
    prepared(sql`
      SELECT 1000 * extract(epoch FROM min(greatest(due_at, coalesce(claimed_until, due_at))) - now())::float8 AS millis
        FROM subscription WHERE status IN ('requested', 'active') AND due_at < now() + interval '1 hour'`),
  )
  return rows[0]?.millis ?? undefined
}

/** Those that may end by themselves: with the right that they rest on, or by the clock. */
export async function readLiving(db: Queryable): Promise<SubscriptionRow[]> {
  const { rows } = await db.query<SubscriptionRow>(
    prepared(sql`SELECT ${COLUMNS} FROM subscription WHERE status <> 'off' ORDER BY id`),
  )
  return rows
}

export type Backlog = { waiting: number; inError: number; active: number }

/** For metrics: events that are numbered and not delivered, of those that are sent to an endpoint. */
export async function readBacklog(db: Queryable): Promise<Backlog> {
  const { rows } = await db.query<Backlog>(sql`
    SELECT coalesce(sum(last_number - delivered_number) FILTER (WHERE channel <> 'websocket' AND status <> 'off'), 0)::float8 AS waiting,
           (count(*) FILTER (WHERE status = 'error'))::int AS "inError", (count(*) FILTER (WHERE status = 'active'))::int AS active
      FROM subscription`)
  return rows[0] ?? { waiting: 0, inError: 0, active: 0 }
}
