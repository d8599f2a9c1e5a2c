import { type Pool, prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Position } from '../outbox/feed.ts'
import type { Receiver } from './message.ts'

type To = Pick<Receiver, 'name' | 'organization'>

/**
 * Those who are switched on follow the feed from now on, or from where they were; those who are not lose their place: what closes while a
 * receiver is off is never sent.
 */
export async function keepPlaces(pool: Pool, receivers: readonly To[]): Promise<void> {
  const names = receivers.map(({ name }) => name)
  const organizations = receivers.map(({ organization }) => organization)
  await pool.query(sql`
    DELETE FROM outgoing_place p
     WHERE NOT EXISTS (SELECT FROM unnest(${names}::text[], ${organizations}::text[]) AS on_now(receiver, organization)
                        WHERE on_now.receiver = p.receiver AND on_now.organization = p.organization)`)
  await pool.query(sql`
    INSERT INTO outgoing_place (receiver, organization, xid, seq)
    SELECT r.receiver, r.organization, coalesce(e.xid, '0'), coalesce(e.seq, 0)
      FROM unnest(${names}::text[], ${organizations}::text[]) AS r(receiver, organization)
      LEFT JOIN LATERAL (SELECT xid, seq FROM event ORDER BY xid DESC, seq DESC LIMIT 1) e ON true
    ON CONFLICT (receiver, organization) DO NOTHING`)
}

/** Locks a receiver's place in the feed until `tx` ends; undefined while another process has it. */
export async function claimPlace(tx: Tx, { name, organization }: To): Promise<Position | undefined> {
  const { rows } = await tx.query<Position>(
    prepared(sql`
      SELECT xid, seq FROM outgoing_place WHERE receiver = ${name} AND organization = ${organization} FOR UPDATE SKIP LOCKED`),
  )
  return rows[0]
}

export async function movePlace(tx: Tx, { name, organization }: To, { xid, seq }: Position): Promise<void> {
  await tx.query(
    prepared(sql`
      UPDATE outgoing_place SET xid = ${xid}::xid8, seq = ${seq}::bigint
       WHERE receiver = ${name} AND organization = ${organization}`),
  )
}

/** For a database that was restored into another cluster, as the engine's: what was read is read once more, and is known by its name. */
export async function rewindPlaces(tx: Tx): Promise<void> {
  await tx.query(sql`
    UPDATE outgoing_place p SET xid = '0', seq = coalesce(
      (SELECT min(e.seq) - 1 FROM event e WHERE (e.xid, e.seq) > (p.xid, p.seq)), (SELECT max(e.seq) FROM event e), 0)`)
}
