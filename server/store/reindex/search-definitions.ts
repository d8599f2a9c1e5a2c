import type { SearchParameter } from '@medplum/fhirtypes'
import { inTransaction, type Pool, prepared, type Queryable, type Tx } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import type { Definitions } from '../../definitions/definitions.ts'
import { typesOf, withSearchParameters } from '../../definitions/with-search-parameters.ts'
import { checkSearchParameter, isInUse } from '../../search/check-search-parameter.ts'
import { type Parameter, typeIndex } from '../../search/parameters.ts'
import { alignJobs, type Need, readUnfinished } from './jobs.ts'

/** How long another process may go on without a parameter that was stored; `jobs.ts` waits for longer. */
const POLL_MILLISECONDS = 1_000

/** What is searched by: R4's search parameters and those that are stored. */
export type SearchDefinitions = {
  /** As this process knows them now; replaced as a whole, never edited. */
  current(): Definitions
  /** Takes in what has been committed by now. Cheap when nothing has changed. */
  refresh(): Promise<void>
  stop(): void
}

/** @param onFailure a look that failed; the next one tries again */
export function followSearchParameters(
  pool: Pool,
  base: Definitions,
  onFailure: (error: unknown) => void,
): SearchDefinitions {
  const reader = createReader(base)
  let current = withSearchParameters(base, [])
  let stamp: string | undefined
  let underWay: Promise<void> = Promise.resolve()

  async function load(): Promise<void> {
    // The stamp from before: what is committed while we read makes the next look read again, and is never taken for seen.
    const now = await readStamp(pool)
    if (now === stamp) return
    current = await inTransaction(pool, (tx) => read(tx, base, reader))
    stamp = now
  }

  /** One after another: one that is under way may have looked too early for who comes now. */
  function refresh(): Promise<void> {
    underWay = underWay.catch(() => {}).then(load)
    return underWay
  }

  const timer = setInterval(() => void refresh().catch(onFailure), POLL_MILLISECONDS)
  timer.unref()
  return { current: () => current, refresh, stop: () => clearInterval(timer) }
}

/** Tells whether a parameter or a job has changed, whatever order transactions ended in. */
async function readStamp(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ stamp: string }>(
    prepared(sql`
      SELECT concat_ws(' ',
        (SELECT bit_xor(hashtextextended(id || '/' || version, 0)) FROM resource WHERE type = 'SearchParameter' AND NOT deleted),
        (SELECT bit_xor(hashtextextended(type || '.' || parameter, 0)) FROM reindex_job WHERE finished_at IS NULL)) AS stamp`),
  )
  return rows[0]?.stamp ?? ''
}

/** Parameters as they are stored → those that can take effect. */
type Reader = (contents: string[]) => SearchParameter[]

/** Each text is parsed and checked once: a guide stores its parameters one after another, and each makes us read them all. */
function createReader(base: Definitions): Reader {
  let known = new Map<string, SearchParameter | undefined>()
  return (contents) => {
    known = new Map(contents.map((text) => [text, known.has(text) ? known.get(text) : usable(base, text)]))
    return [...known.values()].filter((parameter) => parameter !== undefined)
  }
}

function usable(base: Definitions, text: string): SearchParameter | undefined {
  const parameter = JSON.parse(text) as SearchParameter
  return isInUse(parameter) && checkSearchParameter(base, base, parameter).length === 0 ? parameter : undefined
}

async function read(tx: Tx, base: Definitions, reader: Reader): Promise<Definitions> {
  // Who reads while another aligns the jobs with what it has read must see the same, or they would undo each other's.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtext('search parameters'))`)
  const { rows } = await tx.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'SearchParameter' AND NOT deleted ORDER BY rk, bucket`,
  )
  const parameters = reader(rows.map(({ content }) => content))
  const definitions = withSearchParameters(base, parameters)
  await alignJobs(tx, needsOf(definitions, parameters))
  return withSearchParameters(base, parameters, await readUnfinished(tx))
}

/** What each type must be indexed for. */
function needsOf(definitions: Definitions, parameters: SearchParameter[]): Need[] {
  return parameters.flatMap((parameter) => {
    const { id = '', code = '' } = parameter
    return typesOf(definitions, parameter).flatMap((type) => {
      if (!definitions.addedSearchParameters?.(type).includes(parameter)) return []
      const compiled = typeIndex(definitions, type).parameters.get(code)
      const keys = compiled ? keysOf(compiled) : []
      return keys.length > 0 ? [{ parameter: id, type, code, keys }] : []
    })
  })
}

function keysOf({ keys, roots }: Parameter): number[] {
  const parts = roots.flatMap(({ components }) => components.flatMap(keysOf))
  return [...new Set([...keys.map(({ key }) => key.id), ...parts])]
}
