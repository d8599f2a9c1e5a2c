import type { Access, Part } from '../access/access.ts'
import type { ScopeLetter } from '../access/scopes.ts'
import type { Queryable } from '../db/pool.ts'
import { prepared } from '../db/pool.ts'
import { join, type SqlFragment, sql } from '../db/sql.ts'
import { reachCondition } from '../search/compile-filter.ts'
import { allOf } from '../search/reach-condition.ts'
import { isWithin, scopeOf, withinReach } from './reach-sql.ts'
import { outOfReach } from './refusals.ts'
import type { StoreRooms } from './rooms.ts'
import type { Afterwards, Row } from './statements.ts'

type Judged = Pick<Row, 'bucket' | 'rk' | 'type' | 'id' | 'index'>

/**
 * Whether a row that is about to be written lies within the caller's reach, by the relations there are before anything of this is
 * written: nobody comes to a patient by writing that they have to do with them.
 * @returns what is left to ask once it is written; undefined where nothing is
 * @throws Refusal forbidden
 */
export function admit(
  rooms: StoreRooms,
  db: Queryable,
  access: Access,
  letter: ScopeLetter,
  row: Judged,
): undefined | Promise<Afterwards | undefined> {
  const reach = rooms.reachOf(access, row.type, letter)
  const known = isWithin(reach, row.index)
  if (known === true) return undefined
  if (known === false || reach.kind !== 'parts') throw outOfReach(row.type, row.id)
  return admitByParts(rooms, db, { access, letter, parts: reach.parts }, row)
}

async function admitByParts(
  rooms: StoreRooms,
  db: Queryable,
  { access, letter, parts }: { access: Access; letter: ScopeLetter; parts: Part[] },
  row: Judged,
): Promise<Afterwards | undefined> {
  const scope = scopeOf(rooms, access, letter)
  const subject = { alias: 'r', type: row.type, depth: 0, byPatient: false }
  const bare = parts.map((part) => ({ ...part, filters: [] }))
  const columns = bare.map((part) => allOf(reachCondition({ kind: 'parts', parts: [part] }, subject, scope)))
  const { rows } = await db.query<{ within: boolean[] }>(
    prepared(sql`SELECT ARRAY[${join(columns, ', ')}]::boolean[] AS within FROM ${yetToBeWritten(row)}`),
  )
  const within = parts.filter((_, i) => rows[0]?.within[i] === true)
  if (within.length === 0) throw outOfReach(row.type, row.id)
  return within.some(({ filters }) => filters.length === 0)
    ? undefined
    : { access, letter, reach: { kind: 'parts', parts: within } }
}

/** The row as a condition sees it. */
export const yetToBeWritten = ({
  bucket,
  rk,
  type,
  id,
  index,
}: Judged): SqlFragment => sql`(SELECT ${bucket}::smallint AS bucket,
    ${rk}::bigint AS rk, ${type}::text COLLATE "C" AS type, ${id}::text COLLATE "C" AS id, ${index.patient}::text COLLATE "C" AS patient,
    ${index.dateLow}::timestamptz AS date_low, ${index.dateHigh}::timestamptz AS date_high, ${index.tokens}::bigint[] AS tokens) r`

/** What could only be asked of what is written. In the transaction that wrote it. @throws Refusal forbidden */
export async function admitAfterwards(rooms: StoreRooms, db: Queryable, row: Row): Promise<void> {
  if (!row.afterwards) return
  const { access, letter, reach } = row.afterwards
  const scope = scopeOf(rooms, access, letter)
  const condition = allOf(reachCondition(reach, { alias: 'r', type: row.type, depth: 0, byPatient: false }, scope))
  const { rows } = await db.query(
    prepared(sql`SELECT FROM resource r WHERE r.bucket = ${row.bucket} AND r.rk = ${row.rk} AND ${condition}`),
  )
  if (rows.length === 0) throw outOfReach(row.type, row.id)
}

/** Whether what is stored is within the reach of a caller who is about to change it. */
export function isReached(
  rooms: StoreRooms,
  db: Queryable,
  access: Access,
  letter: ScopeLetter,
  row: { bucket: number; rk: string; type: string; tokens: string[] },
): boolean | Promise<boolean> {
  const known = isWithin(rooms.reachOf(access, row.type, letter), row)
  if (known !== undefined) return known
  const asked = sql`SELECT FROM resource r WHERE r.bucket = ${row.bucket} AND r.rk = ${row.rk}
    AND ${withinReach(rooms, access, row.type, letter)}`
  return db.query(prepared(asked)).then(({ rows }) => rows.length > 0)
}

/** Whether a create can be decided without a transaction around it: nothing is left to ask once it is written. */
export function isDecidedBefore({ reachOf }: StoreRooms, access: Access, type: string): boolean {
  const reach = reachOf(access, type, 'c')
  return reach.kind !== 'parts' || reach.parts.every(({ filters }) => filters.length === 0)
}
