import type { Access } from '../access/access.ts'
import type { ScopeLetter } from '../access/scopes.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared } from '../db/pool.ts'
import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { filterCondition, reachCondition } from '../search/compile-filter.ts'
import { SIDE_TABLES } from '../search/index-row.ts'
import { allOf } from '../search/reach-condition.ts'
import { resolveTerms } from '../search/resolve-terms.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { scopeOf } from './reach-sql.ts'
import { currentOf } from './read.ts'
import type { ReaderRooms } from './rooms.ts'
import { codesFor } from './search.ts'
import { toVersion, type Version, type VersionRow } from './version.ts'

/** A version by where it is stored. `rk` is a bigint as text. */
export type VersionKey = { bucket: number; rk: string; version: number }

export type SeenAsked = {
  /** What it must match, with its type. Its order, pages and includes mean nothing here. */
  query: SearchQuery
  letter: Extract<ScopeLetter, 'r' | 's'>
}

export type SeenVersion = VersionKey & { seen: Version }

type SeenRow = VersionRow & { bucket: number; rk: string }

/**
 * Which of these versions of one type the caller may see, and a search would have found when each was the current one. A version that
 * has been left behind must be the caller's to see, and so must the resource be as it is now.
 * @param keys of versions that are no deletions; others are left out
 */
export async function seenVersions(
  rooms: ReaderRooms,
  access: Access,
  { query: asked, letter }: SeenAsked,
  keys: readonly VersionKey[],
): Promise<SeenVersion[]> {
  if (keys.length === 0) return []
  const { type } = asked
  const reach = rooms.reachOf(access, type, letter)
  if (reach.kind === 'none') return []
  const query = await resolveTerms(asked, codesFor(rooms, access))
  const scope = scopeOf(rooms, access, letter)
  // Which rows are meant is known: no index is to be looked for.
  const subject = { alias: 'r', type, depth: 0, byPatient: true }
  const within = allOf(reachCondition(reach, subject, scope))
  const matching = allOf(query.filters.map((filter) => filterCondition(filter, subject, scope)))
  const columns = sql`r.bucket, r.rk, ${currentOf(rooms, access, type)}`

  const current = await rooms.pool.query<SeenRow>(
    prepared(sql`
      WITH asked AS MATERIALIZED (
        SELECT c.* FROM ${keysOf(keys)} JOIN resource c USING (bucket, rk)
         WHERE c.version = k.version AND c.type = ${type} AND NOT c.deleted)
      SELECT ${columns} FROM asked r WHERE ${within} AND ${matching}`),
  )
  const found = current.rows.map(toSeen)
  const left = await leftBehind(rooms, type, keys)
  for (const row of left) {
    const { rows } = await rooms.pool.query<SeenRow>(sql`
      WITH asked AS MATERIALIZED (
             SELECT v.* FROM resource_version v
              WHERE v.bucket = ${row.bucket} AND v.rk = ${row.rk} AND v.version = ${row.version}),
           now AS MATERIALIZED (SELECT c.* FROM resource c WHERE c.bucket = ${row.bucket} AND c.rk = ${row.rk}),
           ${indexedAsThen(rooms, row)}
      SELECT ${columns} FROM asked r WHERE ${within} AND ${matching}
         AND EXISTS (SELECT FROM now r WHERE ${within})`)
    found.push(...rows.map(toSeen))
  }
  return found
}

const toSeen = ({ bucket, rk, ...row }: SeenRow): SeenVersion => ({
  ...{ bucket, rk, version: row.version },
  seen: toVersion(row),
})

const keysOf = (keys: readonly VersionKey[]): SqlFragment => sql`unnest(
  ${keys.map(({ bucket }) => bucket)}::smallint[], ${keys.map(({ rk }) => rk)}::bigint[],
  ${keys.map(({ version }) => version)}::int[]) AS k(bucket, rk, version)`

type LeftBehind = VersionKey & { id: string; content: string }

async function leftBehind(rooms: ReaderRooms, type: string, keys: readonly VersionKey[]): Promise<LeftBehind[]> {
  const { rows } = await rooms.pool.query<LeftBehind>(
    prepared(sql`
      SELECT v.bucket, v.rk, v.version, v.id, v.content FROM ${keysOf(keys)}
        JOIN resource_version v USING (bucket, rk) WHERE v.version = k.version AND v.type = ${type} AND NOT v.deleted`),
  )
  return rows
}

/**
 * The side tables as they were when this version was the current one: for what stands in its place now they hold what it holds. Named
 * as the tables are, so that conditions ask these instead.
 */
function indexedAsThen(rooms: ReaderRooms, { bucket, rk, id, content }: LeftBehind): SqlFragment {
  const { side } = rooms.index({ ...(JSON.parse(content) as Resource), id })
  const tables = SIDE_TABLES.map(({ name, columns }) => {
    const rows = side[name] ?? []
    const arrays = columns.map(({ type }, i) => sql`${rows.map((values) => values[i])}::${raw(type)}[]`)
    const names = raw(columns.map((column) => column.name).join(', '))
    const stored = raw(columns.map((column) => column.stored ?? column.name).join(', '))
    return sql`${raw(name)} AS (
      SELECT bucket, rk, ${names} FROM public.${raw(name)} WHERE (bucket, rk) <> (${bucket}::smallint, ${rk}::bigint)
      UNION ALL
      SELECT ${bucket}::smallint, ${rk}::bigint, ${stored} FROM unnest(${join(arrays, ', ')}) AS n(${names}))`
  })
  return join(tables, ',\n')
}
