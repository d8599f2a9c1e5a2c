import type { Access } from '../access/access.ts'
import { degreesOf } from '../access/address/protection.ts'
import { withheld } from '../access/address/withhold.ts'
import { parseJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { withheldCondition } from '../search/withheld-condition.ts'
import { yetToBeWritten } from './admission.ts'
import { scopeOf } from './reach-sql.ts'
import type { ResourceKey } from './resource-key.ts'
import type { ReaderRooms } from './rooms.ts'
import type { Row } from './statements.ts'

/** What is stored, where the caller has been shown a copy without its addresses; undefined where the whole was shown. */
export async function findWithheld(
  rooms: ReaderRooms,
  db: Queryable,
  access: Access,
  { bucket, rk, type }: ResourceKey & { type: string },
): Promise<Resource | undefined> {
  const kept = withheldCondition({ alias: 'r', type }, scopeOf(rooms, access))
  if (!kept) return undefined
  const { rows } = await db.query<{ content: string | null }>(
    prepared(
      sql`SELECT r.content FROM resource r WHERE r.bucket = ${bucket} AND r.rk = ${rk} AND NOT r.deleted AND ${kept}`,
    ),
  )
  const content = rows[0]?.content
  if (!content) return undefined
  const stored = parseJson(content) as Resource
  return withheld(stored) === stored ? undefined : stored
}

/**
 * What was withheld must be so afterwards too: who cannot see an address must not move it to where they can.
 * @throws Refusal forbidden
 */
export async function mustStayWithheld(
  rooms: ReaderRooms,
  db: Queryable,
  access: Access,
  { row, stored, given }: { row: Row; stored: Resource; given: Resource },
): Promise<void> {
  const kept = withheldCondition({ alias: 'r', type: row.type }, scopeOf(rooms, access)) ?? sql`false`
  const { rows } = await db.query(prepared(sql`SELECT FROM ${yetToBeWritten(row)} WHERE ${kept}`))
  const degrees = degreesOf(given)
  if (rows.length > 0 && degreesOf(stored).every((degree) => degrees.includes(degree))) return
  throw refuse(
    'forbidden',
    `${row.type}/${row.id} holds an address that is withheld from you; you cannot make it one of somebody or of something whose address is not.`,
    row.type,
  )
}
