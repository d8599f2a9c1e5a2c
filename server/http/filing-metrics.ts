import { Gauge, type Registry } from 'prom-client'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** How many final reports are to be filed yet, or are withheld, for `GET /metrics`. */
export function measureFiling(registry: Registry, db: Queryable): void {
  new Gauge({
    name: 'fylgje_reports_to_file',
    help: 'Final reports that wait to be filed, and those that are withheld, by state.',
    labelNames: ['state'] as const,
    registers: [registry],
    // A database that does not answer is told by `/readyz`; what else is measured is told all the same.
    async collect() {
      const asked = prepared(
        sql`SELECT state, count(*)::int AS count FROM report_to_file GROUP BY state ORDER BY state`,
      )
      const { rows } = await db.query<{ state: string; count: number }>(asked).catch(() => ({ rows: [] }))
      this.reset()
      for (const { state, count } of rows) this.set({ state }, count)
    },
  })
}
