import { type Pool, prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { DEFINING_TYPES, type DefinitionBook, type StoredDefinition } from './definition-book.ts'

/** How long another process may go on with definitions that have been changed. */
const POLL_MILLISECONDS = 1_000

export type StoredDefinitions = {
  /** Takes in what has been committed by now. Cheap when nothing has changed: two index look-ups for each type. */
  refresh(): Promise<void>
  stop(): void
}

/**
 * Keeps the book up to date with what is stored, by whichever process. What changed is found by comparing versions, not by
 * events alone, so that nothing is missed whatever order transactions end in.
 * @param onFailure a poll that failed; the next one tries again
 */
export function followStoredDefinitions(
  pool: Pool,
  book: DefinitionBook,
  onFailure: (error: unknown) => void,
): StoredDefinitions {
  const versions = new Map<string, number>()
  let stamp: string | undefined
  let underWay: Promise<void> | undefined
  let again: Promise<void> | undefined

  async function load(): Promise<void> {
    const now = await readStamp(pool)
    if (now === stamp) return
    await compare()
    stamp = now
  }

  async function compare(): Promise<void> {
    const { rows } = await pool.query<{ key: string; version: number }>(sql`
      SELECT type || '/' || id AS key, version FROM resource WHERE type = ANY (${[...DEFINING_TYPES]}) AND NOT deleted`)
    const changed = rows.filter(({ key, version }) => versions.get(key) !== version).map(({ key }) => key)
    const present = new Set(rows.map(({ key }) => key))
    const gone = [...versions.keys()].filter((key) => !present.has(key))
    if (changed.length === 0 && gone.length === 0) return
    const stored = await pool.query<{ key: string; version: number; content: string }>(sql`
      SELECT type || '/' || id AS key, version, content FROM resource
       WHERE type = ANY (${[...DEFINING_TYPES]}) AND type || '/' || id = ANY (${changed}) AND NOT deleted`)
    book.change(
      stored.rows.map(({ key, content }) => ({ key, resource: JSON.parse(content) as StoredDefinition['resource'] })),
      gone,
    )
    for (const key of gone) versions.delete(key)
    for (const { key, version } of stored.rows) versions.set(key, version)
  }

  /** One at a time; who comes while one is under way waits for the next, since that one may have looked too early. */
  function refresh(): Promise<void> {
    if (!underWay) {
      underWay = load().finally(() => {
        underWay = undefined
      })
      return underWay
    }
    again ??= underWay
      .catch(() => {})
      .then(() => {
        again = undefined
        return refresh()
      })
    return again
  }

  const timer = setInterval(() => void refresh().catch(onFailure), POLL_MILLISECONDS)
  timer.unref()
  return { refresh, stop: () => clearInterval(timer) }
}

/** The newest event of each of the types. */
async function readStamp(pool: Pool): Promise<string> {
  const newest = (type: string) =>
    sql`(SELECT xid || ':' || seq FROM event WHERE type = ${type} ORDER BY recorded_at DESC, seq DESC LIMIT 1)`
  const [structures, valueSets, codeSystems] = DEFINING_TYPES
  const { rows } = await pool.query<{ stamp: string }>(
    prepared(sql`SELECT concat_ws(' ', ${newest(structures)}, ${newest(valueSets)}, ${newest(codeSystems)}) AS stamp`),
  )
  return rows[0]?.stamp ?? ''
}
