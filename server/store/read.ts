import type { Access } from '../access/access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { prepared } from '../db/pool.ts'
import { type SqlFragment, sql } from '../db/sql.ts'
import { withheldFrom, withinReach } from './reach-sql.ts'
import { notFound } from './refusals.ts'
import { parseServerId } from './resource-key.ts'
import type { ReaderRooms } from './rooms.ts'
import { toVersion, type Version, type VersionRow } from './version.ts'

/** An id that holds its key is found by the primary key; one that a client chose, or that only looks like ours, by its place. */
export async function findRows<Row extends VersionRow>(
  rooms: ReaderRooms,
  type: string,
  id: string,
  statement: (key: SqlFragment) => SqlFragment,
): Promise<Row[]> {
  const key = parseServerId(id)
  if (key) {
    const here = sql`r.bucket = ${key.bucket} AND r.rk = ${key.rk} AND r.type = ${type} AND r.id = ${id}`
    const { rows } = await rooms.pool.query<Row>(prepared(statement(here)))
    if (rows.length > 0) return rows
  }
  const placed = sql`(r.bucket, r.rk) = (SELECT p.bucket, p.rk FROM placed_id p WHERE p.type = ${type} AND p.id = ${id})`
  return (await rooms.pool.query<Row>(prepared(statement(placed)))).rows
}

/** The columns of a version. */
export const CURRENT = sql`r.type, r.id, r.version, r.last_updated, r.deleted, r.content`

/** What a reader selects of a row `r` of `resource`, or of `resource_version`. */
export const currentOf = (rooms: ReaderRooms, access: Access, type?: string): SqlFragment =>
  sql`${CURRENT}${withheldFrom(rooms, access, type)}`

/**
 * FHIR read. https://hl7.org/fhir/R4/http.html#read
 * @param letter what the caller is about to do with it: a patch reads what it changes
 */
export async function readResource(
  rooms: ReaderRooms,
  access: Access,
  type: string,
  id: string,
  letter: 'r' | 'u' = 'r',
): Promise<Version> {
  const visible = withinReach(rooms, access, type, letter)
  const [row] = await findRows<VersionRow>(
    rooms,
    type,
    id,
    (key) => sql`SELECT ${currentOf(rooms, access, type)} FROM resource r WHERE ${key} AND ${visible}`,
  )
  if (!row) throw notFound(type, id)
  return toCurrent(row)
}

/** @throws Refusal deleted */
export function toCurrent(row: VersionRow): Version {
  if (row.deleted) throw deleted(row)
  return toVersion(row)
}

/** The same, locked until the transaction ends that `rooms.pool` is in. The caller is about to update it. */
export async function readForChange(rooms: ReaderRooms, access: Access, type: string, id: string): Promise<Version> {
  const visible = withinReach(rooms, access, type, 'u')
  const [row] = await findRows<VersionRow>(
    rooms,
    type,
    id,
    (key) => sql`SELECT ${currentOf(rooms, access, type)} FROM resource r WHERE ${key} AND ${visible} FOR UPDATE OF r`,
  )
  if (!row) throw notFound(type, id)
  if (row.deleted) throw deleted(row)
  return toVersion(row)
}

/** Locked against changes until the transaction ends that `rooms.pool` is in; always in the same order, so that two never wait for each other. */
export async function hold(rooms: ReaderRooms, access: Access, type: string, ids: string[]): Promise<void> {
  const visible = withinReach(rooms, access, type, 'r')
  for (const id of [...new Set(ids)].sort()) {
    await findRows(
      rooms,
      type,
      id,
      (key) => sql`SELECT ${CURRENT} FROM resource r WHERE ${key} AND ${visible} FOR SHARE OF r`,
    )
  }
}

/** FHIR vread; a version that is a deletion is refused as deleted. https://hl7.org/fhir/R4/http.html#vread */
export async function readVersion(
  rooms: ReaderRooms,
  access: Access,
  type: string,
  id: string,
  versionId: string,
): Promise<Version> {
  if (/^[1-9]\d{0,8}$/.test(versionId)) {
    const version = Number(versionId)
    const [row] = await findRows<VersionRow>(rooms, type, id, (key) =>
      versionsOf(rooms, access, type, key, sql`r.version = ${version}`),
    )
    if (row?.deleted) throw deleted(row)
    if (row) return toVersion(row)
  }
  throw refuse('not-found', `There is no version ${versionId} of ${type}/${id}.`)
}

/** Whether there is anything that the caller may read, a deletion too. */
export async function isThere(rooms: ReaderRooms, access: Access, type: string, id: string): Promise<boolean> {
  const visible = withinReach(rooms, access, type, 'r')
  const rows = await findRows<VersionRow>(
    rooms,
    type,
    id,
    (key) => sql`SELECT ${currentOf(rooms, access, type)} FROM resource r WHERE ${key} AND ${visible}`,
  )
  return rows.length > 0
}

/** A version is shown to those who may see that version, and the resource as it is now: it may have moved between patients. */
function versionsOf(
  rooms: ReaderRooms,
  access: Access,
  type: string,
  key: SqlFragment,
  which: SqlFragment,
): SqlFragment {
  const visible = withinReach(rooms, access, type, 'r')
  const selected = currentOf(rooms, access, type)
  return sql`
    WITH now AS (SELECT * FROM resource r WHERE ${key} AND ${visible})
    SELECT ${selected} FROM now r WHERE ${which}
    UNION ALL
    SELECT ${selected}
      FROM now JOIN resource_version r USING (bucket, rk) WHERE ${which} AND ${visible}
    ORDER BY version DESC`
}

const deleted = (row: VersionRow) =>
  refuse('deleted', `${row.type}/${row.id} was deleted at ${row.last_updated.toISOString()} (version ${row.version}).`)
