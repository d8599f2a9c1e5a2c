import type { Questionnaire, StructureDefinition } from '@medplum/fhirtypes'
import { type Pool, prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Codes, DefinitionBook } from './definition-book.ts'

/** How long another process may go on with definitions that have been changed. */
const POLL_MILLISECONDS = 1_000

export type StoredDefinitions = {
  /** Takes in what has been committed by now. Cheap when nothing has changed: an index look-up for each type. */
  refresh(): Promise<void>
  stop(): void
}

export type FollowRooms = {
  pool: Pool
  book: DefinitionBook
  /** Every code of a value set, stored or R4's own; undefined when it is not known as a whole. */
  listCodes: (valueSet: string) => Promise<Codes | undefined>
  /** A poll that failed; the next one tries again. */
  onFailure: (error: unknown) => void
}

/**
 * Keeps the book up to date with what is stored, by whichever process. What changed is found by comparing versions, not by
 * events alone, so that nothing is missed whatever order transactions end in.
 */
export function followStoredDefinitions({ pool, book, listCodes, onFailure }: FollowRooms): StoredDefinitions {
  const profileVersions = new Map<string, number>()
  const questionnaireVersions = new Map<string, number>()
  const listed = new Set<string>()
  let seen: Stamps = { profiles: '-', questionnaires: '-', terminology: '-' }
  let underWay: Promise<void> | undefined
  let next: Promise<void> | undefined

  async function load(): Promise<void> {
    const now = await readStamps(pool)
    if (now.profiles !== seen.profiles) {
      const { changed, gone } = await readChanged<StructureDefinition>(pool, 'StructureDefinition', profileVersions)
      if (changed.length + gone.length > 0) book.change(changed, gone)
    }
    if (now.questionnaires !== seen.questionnaires) {
      const { changed, gone } = await readChanged<Questionnaire>(pool, 'Questionnaire', questionnaireVersions)
      if (changed.length + gone.length > 0) book.changeQuestionnaires(changed, gone)
    }
    // A code system that changes may change any value set; otherwise only what nobody has asked for yet is listed.
    if (now.terminology !== seen.terminology) listed.clear()
    await takeCodes()
    seen = now
  }

  async function takeCodes(): Promise<void> {
    const codes = new Map<string, Codes | undefined>()
    for (const valueSet of book.boundValueSets())
      if (!listed.has(valueSet)) codes.set(valueSet, await listCodes(valueSet))
    if (codes.size > 0) book.takeCodes(codes)
    for (const valueSet of codes.keys()) listed.add(valueSet)
  }

  /** One at a time; who comes while one is under way waits for the next, since that one may have looked too early. */
  function refresh(): Promise<void> {
    if (!underWay) {
      underWay = load().finally(() => {
        underWay = undefined
      })
      return underWay
    }
    next ??= underWay
      .catch(() => {})
      .then(() => {
        next = undefined
        return refresh()
      })
    return next
  }

  const timer = setInterval(() => void refresh().catch(onFailure), POLL_MILLISECONDS)
  timer.unref()
  return { refresh, stop: () => clearInterval(timer) }
}

/** What of a type is new, has changed or is gone since the versions that are known, which are brought up to date. */
async function readChanged<T>(
  pool: Pool,
  type: string,
  known: Map<string, number>,
): Promise<{ changed: { id: string; resource: T }[]; gone: string[] }> {
  const { rows } = await pool.query<{ id: string; version: number }>(sql`
    SELECT id, version FROM resource WHERE type = ${type} AND NOT deleted`)
  const changed = rows.filter(({ id, version }) => known.get(id) !== version).map(({ id }) => id)
  const present = new Set(rows.map(({ id }) => id))
  const gone = [...known.keys()].filter((id) => !present.has(id))
  for (const id of gone) known.delete(id)
  if (changed.length === 0) return { changed: [], gone }
  const stored = await pool.query<{ id: string; version: number; content: string }>(sql`
    SELECT id, version, content FROM resource WHERE type = ${type} AND id = ANY (${changed}) AND NOT deleted`)
  for (const { id, version } of stored.rows) known.set(id, version)
  return { changed: stored.rows.map(({ id, content }) => ({ id, resource: JSON.parse(content) as T })), gone }
}

type Stamps = { profiles: string; questionnaires: string; terminology: string }

/** The newest event of each of the types. */
async function readStamps(pool: Pool): Promise<Stamps> {
  const newest = (type: string) =>
    sql`(SELECT xid || ':' || seq FROM event WHERE type = ${type} ORDER BY recorded_at DESC, seq DESC LIMIT 1)`
  const { rows } = await pool.query<Stamps>(
    prepared(sql`
      SELECT concat(${newest('StructureDefinition')}) AS profiles,
             concat(${newest('Questionnaire')}) AS questionnaires,
             concat_ws(' ', ${newest('ValueSet')}, ${newest('CodeSystem')}) AS terminology`),
  )
  return rows[0] ?? { profiles: '', questionnaires: '', terminology: '' }
}
