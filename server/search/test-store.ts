import type { Reach } from '../access/access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Pool } from '../db/pool.ts'
import { join, raw, sql } from '../db/sql.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { compileSearch } from './compile.ts'
import type { PageRow } from './compile-page.ts'
import { findIncluded } from './find-included.ts'
import { SIDE_TABLES } from './index-row.ts'
import { createIndexer } from './indexer.ts'
import { parseSearch, type SearchQuery } from './search-query.ts'
import type { SearchScope } from './search-scope.ts'

/** The little of a store that the tests of this room need: it inserts with the index, and asks. The real one is a floor above. */
export type TestStore = {
  insert(...resources: Resource[]): Promise<void>
  remove(type: string, id: string): Promise<void>
  /** Ids of the page's matches as `Type/id`, in order. */
  search(url: string, reachOf?: SearchScope['reachOf'], handling?: Handling): Promise<string[]>
  /** Every page to the end, at `_count` a page. */
  pages(url: string, betweenPages?: () => Promise<void>, handling?: Handling): Promise<string[][]>
  total(url: string, reachOf?: SearchScope['reachOf']): Promise<number>
  /** Names of what the page's includes add. */
  included(url: string, reachOf: SearchScope['reachOf'], handling?: Handling): Promise<string[]>
  /** The plan of the page's statement, with sequential scans put off as on a large table. */
  explain(url: string): Promise<string>
}

type Handling = 'strict' | 'lenient'

const everything = (): Reach => ({ kind: 'all' })

export function createTestStore(pool: Pool, definitions: Definitions): TestStore {
  const indexer = createIndexer(() => definitions, { baseUrl: 'http://localhost/fhir' })
  let next = 1

  function parse(url: string, handling: Handling = 'strict'): SearchQuery {
    const [type = '', params = ''] = url.split(/\?(.*)/s)
    return parseSearch(definitions, type, new URLSearchParams(params), handling)
  }

  async function rowsOf(query: SearchQuery, reachOf: SearchScope['reachOf'], cursor?: string) {
    const compiled = compileSearch(query, { reachOf, locate: () => undefined })
    const { rows } = await pool.query<PageRow>(compiled.page(cursor))
    return { compiled, rows }
  }

  async function insertOne(resource: Resource): Promise<void> {
    const rk = String(next++)
    const row = indexer.index(resource)
    const { resourceType: type, id } = resource
    await pool.query(sql`INSERT INTO placed_id VALUES (${type}, ${id}, 1, ${rk})`)
    await pool.query(sql`
      INSERT INTO resource (bucket, rk, type, id, version, last_updated, patient, date_low, date_high, loinc, tokens, content)
      VALUES (1, ${rk}, ${type}, ${id}, 1, ${resource.meta?.lastUpdated ?? new Date().toISOString()}, ${row.patient},
              ${row.dateLow}, ${row.dateHigh}, ${row.loinc}::bigint, ${row.tokens}::bigint[], ${JSON.stringify(resource)})`)
    for (const { name, columns } of SIDE_TABLES) {
      for (const values of row.side[name] ?? []) {
        const given = values.map((value, i) => sql`${value}::${raw(columns[i]?.type ?? 'text')}`)
        const names = raw(columns.map((column) => column.name).join(', '))
        const stored = raw(columns.map((column) => column.stored ?? column.name).join(', '))
        await pool.query(sql`
          INSERT INTO ${raw(name)} SELECT 1, ${rk}, ${stored} FROM (VALUES (${join(given, ', ')})) AS n(${names})`)
      }
    }
  }

  return {
    async included(url, reachOf, handling) {
      const query = parse(url, handling)
      const { rows } = await rowsOf(query, reachOf)
      const included = await findIncluded(pool, query, rows, { reachOf, locate: () => undefined })
      return included.map(({ type, id }) => `${type}/${id}`)
    },
    async explain(url) {
      const page = compileSearch(parse(url), { reachOf: everything, locate: () => undefined }).page()
      return inTransaction(pool, async (tx) => {
        await tx.query('SET LOCAL enable_seqscan = off')
        const { rows } = await tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${page.text}`, page.values)
        return rows.map((row) => row['QUERY PLAN']).join('\n')
      })
    },
    async insert(...resources) {
      for (const resource of resources) await insertOne(resource)
    },
    async remove(type, id) {
      await pool.query(sql`UPDATE resource SET deleted = true, content = NULL WHERE type = ${type} AND id = ${id}`)
    },
    async search(url, reachOf = everything, handling = 'strict') {
      const { rows } = await rowsOf(parse(url, handling), reachOf)
      return rows.map(({ type, id }) => `${type}/${id}`)
    },
    async pages(url, betweenPages, handling) {
      const query = parse(url, handling)
      const pages: string[][] = []
      for (let cursor: string | undefined; ; ) {
        const { compiled, rows } = await rowsOf(query, everything, cursor)
        const page = rows.slice(0, query.count)
        pages.push(page.map(({ id }) => id))
        const last = page.at(-1)
        if (rows.length <= query.count || !last) return pages
        cursor = compiled.cursorOf(last)
        await betweenPages?.()
      }
    },
    async total(url, reachOf = everything) {
      const { rows } = await pool.query<{ total: number }>(
        compileSearch(parse(url), { reachOf, locate: () => undefined }).total(),
      )
      return rows[0]?.total ?? -1
    },
  }
}
