import type { Queryable, Tx } from '../../db/pool.ts'
import { prepared } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'

/** What a search parameter needs of a type's index: the keys of the paths that it looks at. */
export type Need = { parameter: string; type: string; code: string; keys: number[] }

/** How far the index of one type is with one search parameter. */
export type Job = Need & {
  starts_at: Date
  rk: string
  bucket: number
  done: number
  total: number | null
  finished_at: Date | null
}

/**
 * Every process looks for new parameters once a second. A job that began at once could pass a resource that a process which
 * has not looked yet is about to change, and the parameter would miss that change.
 */
const GRACE_SECONDS = 3

/**
 * Makes the jobs what the parameters need: new ones and changed ones begin, those of parameters that are gone end. A name that
 * begins with _ is no id: it is of a migration, and is left alone.
 * The caller holds the lock under which the parameters were read.
 */
export async function alignJobs(tx: Tx, needs: Need[]): Promise<void> {
  const [parameters, types] = [needs.map(({ parameter }) => parameter), needs.map(({ type }) => type)]
  await tx.query(sql`
    DELETE FROM reindex_job j
     WHERE parameter NOT LIKE '\\_%' AND NOT EXISTS (SELECT FROM unnest(${parameters}::text[], ${types}::text[]) AS n(parameter, type)
                        WHERE n.parameter = j.parameter AND n.type = j.type)`)
  await tx.query(sql`
    INSERT INTO reindex_job (parameter, type, code, keys, starts_at)
    SELECT parameter, type, code, keys::int[], now() + make_interval(secs => ${GRACE_SECONDS})
      FROM unnest(${parameters}::text[], ${types}::text[], ${needs.map(({ code }) => code)}::text[],
                  ${needs.map(({ keys }) => `{${keys.toSorted().join(',')}}`)}::text[]) AS n(parameter, type, code, keys)
        ON CONFLICT (parameter, type) DO UPDATE
       SET code = excluded.code, keys = excluded.keys, starts_at = excluded.starts_at, rk = 0, bucket = 0, done = 0,
           total = NULL, finished_at = NULL
     WHERE reindex_job.keys <> excluded.keys OR reindex_job.code <> excluded.code`)
}

/** `Type.code` of the parameters that do not find everything yet. */
export async function readUnfinished(db: Queryable): Promise<Set<string>> {
  const { rows } = await db.query<{ name: string }>(
    sql`SELECT type || '.' || code AS name FROM reindex_job WHERE finished_at IS NULL`,
  )
  return new Set(rows.map(({ name }) => name))
}

/** How far the index is with one parameter, type by type; nothing for one that is not in use. */
export async function readJobs(db: Queryable, parameter: string): Promise<Job[]> {
  const { rows } = await db.query<Job>(sql`SELECT * FROM reindex_job WHERE parameter = ${parameter} ORDER BY type`)
  return rows
}

/** The jobs of one type that may go on. All that wait for the same type go through it together. */
export async function takeJobs(tx: Tx): Promise<Job[]> {
  const { rows } = await tx.query<Job>(
    prepared(sql`
      SELECT * FROM reindex_job WHERE finished_at IS NULL AND starts_at <= now()
         AND type = (SELECT type FROM reindex_job WHERE finished_at IS NULL AND starts_at <= now() ORDER BY starts_at LIMIT 1)
       ORDER BY rk, bucket FOR UPDATE`),
  )
  return rows
}
