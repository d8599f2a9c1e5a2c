import type { SendingReason } from '../core/decide/words/sending-reason.ts'
import { arrayLiteral } from '../db/array-literal.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Message, Receiver } from './message.ts'
import { uuidOfName } from './name-uuid.ts'

type To = Pick<Receiver, 'name' | 'organization'>
export type Cause = Pick<Message, 'patient' | 'cause' | 'actor' | 'causedAt'>

/** Puts down what is to be sent, in this order. What is there already is not put down twice. */
export async function enqueue(tx: Tx, { name, organization }: To, causes: readonly Cause[], now: Date): Promise<void> {
  if (causes.length === 0) return
  const ids = causes.map(({ cause }) => uuidOfName(`${name} ${organization} ${cause} message`))
  await tx.query(
    prepared(sql`
      INSERT INTO outgoing_message (id, receiver, organization, patient, cause, actor, caused_at, queued_at, due_at)
      SELECT c.id, ${name}, ${organization}, c.patient, c.cause, c.actor, c.caused_at,
             ${now.toISOString()}::timestamptz, ${now.toISOString()}::timestamptz
        FROM unnest(${arrayLiteral(ids)}::uuid[], ${arrayLiteral(causes.map((one) => one.patient))}::text[],
                    ${arrayLiteral(causes.map((one) => one.cause))}::text[], ${arrayLiteral(causes.map((one) => one.actor))}::text[],
                    ${arrayLiteral(causes.map((one) => one.causedAt.toISOString()))}::timestamptz[])
             WITH ORDINALITY AS c(id, patient, cause, actor, caused_at, n)
       ORDER BY c.n
      ON CONFLICT (receiver, organization, cause) DO NOTHING`),
  )
}

type Row = {
  id: string
  number: string
  receiver: string
  organization: string
  patient: string
  cause: string
  actor: string
  caused_at: Date
  queued_at: Date
  attempts: number
  location: string | null
  accepted_at: Date | null
}
const COLUMNS = sql`id, number, receiver, organization, patient, cause, actor, caused_at, queued_at, attempts, location, accepted_at`

const toMessage = ({ number: _number, caused_at, queued_at, location, accepted_at, ...row }: Row): Message => ({
  ...{ ...row, causedAt: caused_at, queuedAt: queued_at },
  ...(location === null ? {} : { location }),
  ...(accepted_at === null ? {} : { acceptedAt: accepted_at }),
})

type Claiming = { now: Date; countMax: number; leaseMilliseconds: number }

/**
 * Takes messages that are due, of each patient the oldest that is not done, and as many of those that follow it as may go with it: all others
 * wait for them. They are `sent` from now on; whoever dies with them leaves them to others when the lease has ended.
 * @param claiming countMax patients
 * @returns those of each patient, in their order
 */
export async function claimDue(
  db: Queryable,
  { name, organization, togetherMax }: To & Pick<Receiver, 'togetherMax'>,
  { now, countMax, leaseMilliseconds }: Claiming,
): Promise<Message[][]> {
  const until = new Date(now.getTime() + leaseMilliseconds).toISOString()
  const at = now.toISOString()
  // Those who follow are taken by whoever has the first of them under lock, and by nobody else.
  const following =
    togetherMax === 1
      ? sql``
      : sql`UNION ALL SELECT f.id FROM first, LATERAL (
              SELECT m.id FROM outgoing_message m
               WHERE m.receiver = ${name} AND m.organization = ${organization} AND m.patient = first.patient AND m.number > first.number
                 AND m.state IN ('queued', 'sent', 'failed')
                 AND NOT EXISTS (SELECT FROM outgoing_message e
                                  WHERE e.receiver = m.receiver AND e.organization = m.organization AND e.patient = m.patient
                                    AND e.state IN ('queued', 'sent', 'failed') AND e.due_at > ${at}::timestamptz
                                    AND e.number <= m.number)
               ORDER BY m.number LIMIT ${togetherMax - 1}) f`
  const { rows } = await db.query<Row>(
    prepared(sql`
      WITH first AS MATERIALIZED (
        SELECT m.id, m.patient, m.number FROM outgoing_message m
         WHERE m.receiver = ${name} AND m.organization = ${organization} AND m.state IN ('queued', 'sent', 'failed')
           AND m.due_at <= ${at}::timestamptz
           AND NOT EXISTS (SELECT FROM outgoing_message e
                            WHERE e.receiver = m.receiver AND e.organization = m.organization AND e.patient = m.patient
                              AND e.state IN ('queued', 'sent', 'failed') AND e.number < m.number)
         ORDER BY m.number LIMIT ${countMax} FOR UPDATE SKIP LOCKED)
      UPDATE outgoing_message SET state = 'sent', attempts = attempts + 1, due_at = ${until}::timestamptz
       WHERE id IN (SELECT id FROM first ${following})
         AND state IN ('queued', 'sent', 'failed') AND due_at <= ${at}::timestamptz
      RETURNING ${COLUMNS}`),
  )
  const inOrder = rows.sort((one, other) => Number(BigInt(one.number) - BigInt(other.number)))
  return [...Map.groupBy(inOrder, ({ patient }) => patient).values()].map((of) => of.map(toMessage))
}

/** Messages that were accepted, and of which it is time to ask what became of them. Nobody else asks meanwhile. */
export async function claimAccepted(
  db: Queryable,
  { name, organization }: To,
  { now, countMax, leaseMilliseconds }: Claiming,
): Promise<Message[]> {
  const until = new Date(now.getTime() + leaseMilliseconds)
  const { rows } = await db.query<Row>(
    prepared(sql`
      UPDATE outgoing_message SET due_at = ${until.toISOString()}::timestamptz
       WHERE id IN (SELECT id FROM outgoing_message
                     WHERE receiver = ${name} AND organization = ${organization} AND state = 'accepted'
                       AND due_at <= ${now.toISOString()}::timestamptz
                     ORDER BY due_at LIMIT ${countMax} FOR UPDATE SKIP LOCKED)
      RETURNING ${COLUMNS}`),
  )
  return rows.map(toMessage)
}

/** What became of a message. */
export type Settled =
  | { state: 'accepted'; location: string; at: Date /** When its receiver is asked what became of it. */; askAt?: Date }
  | { state: 'failed'; reason: SendingReason; dueAt: Date }
  | { state: 'dead'; reason: SendingReason }
  | { state: 'withheld'; reason: SendingReason /** When it is queued anew. */; until?: Date }
  | { state: 'journaled'; at: Date }
  /** It is accepted, and more is not known yet. */
  | { state: 'waiting'; askAt: Date }

/**
 * Puts down what became of a message that was claimed.
 * @returns whether it is so: another may have claimed it since, when this one took longer than its lease
 */
export async function settle(db: Queryable, { id, attempts }: Message, settled: Settled): Promise<boolean> {
  const mine = sql`WHERE id = ${id}::uuid AND attempts = ${attempts} AND state IN ('sent', 'accepted')`
  const { rowCount } = await db.query(prepared(sql`UPDATE outgoing_message SET ${changeOf(settled)} ${mine}`))
  return rowCount === 1
}

function changeOf(settled: Settled) {
  switch (settled.state) {
    case 'accepted':
      return sql`state = 'accepted', location = ${settled.location}, accepted_at = ${settled.at.toISOString()}::timestamptz,
                 why = NULL, due_at = ${(settled.askAt ?? settled.at).toISOString()}::timestamptz`
    case 'failed':
      return sql`state = 'failed', why = ${JSON.stringify(settled.reason)}::jsonb, due_at = ${settled.dueAt.toISOString()}::timestamptz`
    case 'journaled':
      return sql`state = 'journaled', journaled_at = ${settled.at.toISOString()}::timestamptz, why = NULL`
    case 'waiting':
      return sql`due_at = ${settled.askAt.toISOString()}::timestamptz`
    case 'withheld':
      return sql`state = 'withheld', why = ${JSON.stringify(settled.reason)}::jsonb, released_at = ${settled.until?.toISOString() ?? null}::timestamptz`
    default:
      return sql`state = ${settled.state}, why = ${JSON.stringify(settled.reason)}::jsonb`
  }
}

/**
 * Messages that were withheld until now are queued, behind what is under way about the patient only where that is older. The attempt by which they were
 * withheld sent nothing, and counts as none.
 */
export async function queueReleased(db: Queryable, { name, organization }: To, now: Date): Promise<void> {
  const at = now.toISOString()
  await db.query(
    prepared(sql`
      UPDATE outgoing_message SET state = 'queued', attempts = attempts - 1, why = NULL, released_at = NULL,
                                  queued_at = ${at}::timestamptz, due_at = ${at}::timestamptz
       WHERE receiver = ${name} AND organization = ${organization} AND state = 'withheld' AND released_at <= ${at}::timestamptz`),
  )
}

/** A message that is dead goes out once more, before all later ones about the patient. @returns whether there is such a one */
export async function queueAgain(db: Queryable, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    prepared(sql`
      UPDATE outgoing_message SET state = 'queued', attempts = attempts + 1, why = NULL, location = NULL, accepted_at = NULL,
                                  queued_at = ${now.toISOString()}::timestamptz, due_at = ${now.toISOString()}::timestamptz
       WHERE id = ${id}::uuid AND state = 'dead'`),
  )
  return rowCount === 1
}

/**
 * What the receiver may have of the resources that messages are about.
 * @returns by the id of the message: place what it calls it, as it said last; mayHaveCome whether any of it may have reached it, an answer
 *   that was lost included. Nothing where it can have nothing.
 */
export async function findSentBefore(
  db: Queryable,
  { name, organization }: To,
  messages: readonly Pick<Message, 'id' | 'cause'>[],
): Promise<ReadonlyMap<string, { place?: string; mayHaveCome: true }>> {
  const ids = messages.map(({ id }) => id)
  const versions = messages.map(({ cause }) => `${cause.split('/_history/')[0]}/_history`)
  // What is claimed together with a message is under way for the first time, and nothing has gone.
  const { rows } = await db.query<{ id: string; place: string | null }>(
    prepared(sql`
      SELECT m.id, (array_agg(o.location ORDER BY o.accepted_at DESC) FILTER (WHERE o.location IS NOT NULL))[1] AS place
        FROM unnest(${arrayLiteral(ids)}::uuid[], ${arrayLiteral(versions)}::text[]) AS m(id, versions)
        JOIN outgoing_message o ON o.receiver = ${name} AND o.organization = ${organization}
         AND o.cause >= m.versions COLLATE "C" || '/' AND o.cause < m.versions COLLATE "C" || '0'
         AND (o.attempts > 1 OR (o.id <> m.id AND o.state IN ('accepted', 'journaled', 'dead', 'failed')))
       GROUP BY m.id`),
  )
  return new Map(rows.map(({ id, place }) => [id, { ...(place === null ? {} : { place }), mayHaveCome: true }]))
}
