import { randomUUID } from 'node:crypto'
import type { Access } from '../access/access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { isUuid } from '../db/uuid.ts'

/** Criteria of searches that lie here, so that the links of their pages have an id in their place. */
export type KeptCriteria = {
  /** @param criteria as a query string @returns their id, the same for whoever searches for the same again; it is good for half a day at least */
  keep(access: Access, criteria: string): Promise<string>
  /** @throws Refusal not-found: after a day, and for somebody else than who was given the id */
  find(access: Access, id: string): Promise<string>
}

export function keptCriteria(pool: Pool): KeptCriteria {
  return {
    async keep(access, criteria) {
      const caller = callerOf(access)
      const { rows } = await pool.query<{ id: string }>(sql`
        WITH old AS (DELETE FROM kept_criteria WHERE kept_at < now() - interval '1 day'),
          known AS (SELECT id FROM kept_criteria
            WHERE caller = ${caller}::text AND md5(criteria) = md5(${criteria}::text) AND criteria = ${criteria}::text
              AND kept_at >= now() - interval '12 hours' LIMIT 1),
          kept AS (INSERT INTO kept_criteria (id, caller, criteria)
            SELECT ${randomUUID()}::uuid, ${caller}::text, ${criteria}::text WHERE NOT EXISTS (SELECT FROM known) RETURNING id)
        SELECT id FROM known UNION ALL SELECT id FROM kept`)
      const [{ id }] = rows as [{ id: string }]
      return id
    },
    async find(access, id) {
      const { rows } = isUuid(id)
        ? await pool.query<{ criteria: string }>(sql`
            SELECT criteria FROM kept_criteria
             WHERE id = ${id} AND caller = ${callerOf(access)} AND kept_at >= now() - interval '1 day'`)
        : { rows: [] }
      const [row] = rows
      if (!row) throw refuse('not-found', 'This page is not there any more; search again.', '_criteria')
      return row.criteria
    },
  }
}

const callerOf = ({ clientId, actor }: Access) => `${clientId} ${actor}`
