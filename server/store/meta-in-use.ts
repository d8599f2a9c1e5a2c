import type { Access } from '../access/access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { withinReach } from './reach-sql.ts'
import type { ReaderRooms } from './rooms.ts'

type Coding = { system?: string; code?: string; display?: string }
export type MetaInUse = { profile?: string[]; security?: Coding[]; tag?: Coding[] }

/** So many that may have labels are parsed for one answer (about 20 µs each); with more it is refused. */
const LOOKED_AT_MAX = 200_000

/**
 * Every profile, security label and tag of the resources of these types that the caller may search.
 * @throws Refusal too-costly
 */
export async function metaInUse(rooms: ReaderRooms, access: Access, types: readonly string[]): Promise<MetaInUse> {
  const found = new Map<string, { name: keyof MetaInUse; value: string | Coding }>()
  let left = LOOKED_AT_MAX
  for (const type of types) {
    const reach = rooms.reachOf(access, type, 's')
    if (reach.kind === 'none') continue
    const { rows } = await rooms.pool.query<{ name: keyof MetaInUse | null; value: string; looked: number }>(
      prepared(sql`
        WITH looked AS MATERIALIZED (
          SELECT r.content::jsonb -> 'meta' AS meta FROM resource r
           WHERE r.type = ${type} AND NOT r.deleted AND ${withinReach(rooms, access, type, 's')}
             -- Most have no label at all, which the text tells twenty times faster than the parsed tree.
             AND (r.content LIKE '%"tag"%' OR r.content LIKE '%"profile"%' OR r.content LIKE '%"security"%')
           LIMIT ${left + 1})
        SELECT DISTINCT name, value::text AS value, (SELECT count(*)::int FROM looked) AS looked
          FROM looked LEFT JOIN LATERAL (
            SELECT name, jsonb_array_elements(meta -> name) AS value
              FROM unnest(ARRAY['profile', 'security', 'tag']) AS name) used ON true`),
    )
    left -= rows[0]?.looked ?? 0
    if (left < 0) {
      throw refuse(
        'too-costly',
        `More than ${LOOKED_AT_MAX} resources may have labels; ask for one type, or for one resource.`,
      )
    }
    for (const { name, value } of rows) {
      if (name) found.set(`${name} ${value}`, { name, value: JSON.parse(value) as string | Coding })
    }
  }
  const valuesOf = (wanted: keyof MetaInUse) =>
    [...found.values()].flatMap(({ name, value }) => (name === wanted ? [value] : []))
  return Object.fromEntries(
    (['profile', 'security', 'tag'] as const).map((name) => [name, valuesOf(name)]).filter(([, list]) => list?.length),
  ) as MetaInUse
}
