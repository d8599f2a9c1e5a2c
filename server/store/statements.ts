import type { Access, Reach } from '../access/access.ts'
import type { ScopeLetter } from '../access/scopes.ts'
import type { AuditedRequest } from '../audit/record.ts'
import { arrayLiteral, type Elementary } from '../db/array-literal.ts'
import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { type IndexRow, SIDE_TABLES } from '../search/index-row.ts'
import type { AccessRows } from './relations/relation-row.ts'
import { accessCleared, accessParts } from './relations/statements.ts'
import type { ResourceKey } from './resource-key.ts'

/** What is to be asked of a row once it is written: its search parameters must match what a granular scope says. */
export type Afterwards = { access: Access; letter: ScopeLetter; reach: Reach }

/** A version that is about to be written, with everything that the tables need to know of it. */
export type Row = ResourceKey & {
  type: string
  id: string
  version: number
  /** instant, UTC, milliseconds */
  lastUpdated: string
  interaction: 'create' | 'update' | 'delete'
  /** `undefined` for a deletion */
  text: string | undefined
  index: IndexRow
  /** What it says of who has to do with whom, where its type may say something. */
  relations?: AccessRows | undefined
  /** What is to be asked of it once it is written. */
  afterwards?: Afterwards | undefined
  /** Its addresses are kept from whoever writes it, and so are not in the answer. */
  isWithheld?: boolean
  /** The id was chosen by the client and does not say where the resource is. */
  placed: boolean
  /** There is a row of this resource already: the version before this one, or a deletion. */
  exists: boolean
  access: Access
  depth: number
  /** The request that it belongs to, for the audit. */
  request?: AuditedRequest | undefined
}

/**
 * Everything that a group of writes changes, as ONE statement: the version that is left behind, the row, its index, its
 * place and the event. One round trip, and a transaction by itself. All parts see the tables as they were before it.
 * @param audited what writes the audit of it
 */
export function writeStatement(rows: Row[], audited?: SqlFragment): SqlFragment {
  const existing = rows.filter(({ exists }) => exists)
  const fresh = rows.filter(({ exists }) => !exists)
  const placed = fresh.filter((row) => row.placed)
  const parts: SqlFragment[] = []
  if (existing.length > 0) parts.push(...replaceParts(existing))
  if (fresh.length > 0) parts.push(insertPart(fresh))
  if (placed.length > 0) parts.push(placePart(placed))
  parts.push(...sideParts(rows), ...accessParts(rows), eventPart(rows))
  if (audited) parts.push(audited)
  return sql`WITH ${join(parts, ',\n')} SELECT 1`
}

const column = (rows: Row[], value: (row: Row) => Elementary): string => arrayLiteral(rows.map(value))

/** Longer than this, a text in an array costs too much: each quotation mark is escaped, and the whole is encoded twice. */
const LONG_CHARS = 64 * 1024

export const hasLongText = (rows: Row[]): boolean =>
  rows.some(({ text }) => text !== undefined && text.length > LONG_CHARS)

/**
 * The texts, as one array; with a long one among them each as bytes of its own: 5 MB took 70 ms, and take 10. A JSON text holds no
 * control characters, so that it is quoted for an array as JSON quotes it, in half of the time that the driver takes.
 */
function contentsOf(rows: Row[]): SqlFragment {
  if (!hasLongText(rows)) {
    const texts = rows.map(({ text }) => (text === undefined ? 'NULL' : JSON.stringify(text)))
    return sql`${`{${texts.join()}}`}::text[]`
  }
  const texts = rows.map(({ text }) => sql`${text === undefined ? null : Buffer.from(text)}::text`)
  return sql`ARRAY[${join(texts, ', ')}]`
}

/** Arrays of arrays cannot be unnested by row, so each array of numbers goes as text. */
const tokensOf = (rows: Row[]): string => `{${rows.map(({ index }) => `"{${index.tokens.join()}}"`).join()}}`

function rowsOf(rows: Row[]): SqlFragment {
  return sql`unnest(
    ${column(rows, (r) => r.bucket)}::smallint[], ${column(rows, (r) => r.rk)}::bigint[],
    ${column(rows, (r) => r.type)}::text[], ${column(rows, (r) => r.id)}::text[],
    ${column(rows, (r) => r.version)}::int[], ${column(rows, (r) => r.lastUpdated)}::timestamptz[],
    ${column(rows, (r) => r.text === undefined)}::boolean[], ${column(rows, (r) => r.index.patient)}::text[],
    ${column(rows, (r) => r.index.dateLow)}::timestamptz[], ${column(rows, (r) => r.index.dateHigh)}::timestamptz[],
    ${column(rows, (r) => r.index.loinc)}::bigint[],
    ${tokensOf(rows)}::text[], ${contentsOf(rows)}
  ) AS n(bucket, rk, type, id, version, last_updated, deleted, patient, date_low, date_high, loinc, tokens, content)`
}

function insertPart(rows: Row[]): SqlFragment {
  return sql`inserted AS (
    INSERT INTO resource (bucket, rk, type, id, version, last_updated, deleted, patient, date_low, date_high, loinc, tokens, content)
    SELECT bucket, rk, type, id, version, last_updated, deleted, patient, date_low, date_high, loinc, tokens::bigint[], content
      FROM ${rowsOf(rows)})`
}

function replaceParts(rows: Row[]): SqlFragment[] {
  const keys = sql`unnest(${column(rows, (r) => r.bucket)}::smallint[], ${column(rows, (r) => r.rk)}::bigint[]) AS k(bucket, rk)`
  return [
    sql`left_behind AS (
      INSERT INTO resource_version (bucket, rk, version, type, id, last_updated, deleted, patient, date_low, date_high, tokens, content)
      SELECT bucket, rk, version, type, id, last_updated, deleted, patient, date_low, date_high, tokens, content FROM resource JOIN ${keys} USING (bucket, rk))`,
    sql`replaced AS (
      UPDATE resource r SET version = n.version, last_updated = n.last_updated, deleted = n.deleted, patient = n.patient,
             date_low = n.date_low, date_high = n.date_high, loinc = n.loinc, tokens = n.tokens::bigint[], content = n.content
        FROM ${rowsOf(rows)} WHERE r.bucket = n.bucket AND r.rk = n.rk)`,
    ...accessCleared(rows),
    ...SIDE_TABLES.map(
      ({ name }) =>
        sql`${raw(`${name}_cleared`)} AS (DELETE FROM ${raw(name)} s USING ${keys} WHERE s.bucket = k.bucket AND s.rk = k.rk)`,
    ),
  ]
}

function placePart(rows: Row[]): SqlFragment {
  return sql`placed AS (
    INSERT INTO placed_id (type, id, bucket, rk)
    SELECT * FROM unnest(${column(rows, (r) => r.type)}::text[], ${column(rows, (r) => r.id)}::text[],
                         ${column(rows, (r) => r.bucket)}::smallint[], ${column(rows, (r) => r.rk)}::bigint[]))`
}

/** Puts the side rows of these resources into their tables. */
export function sideParts(rows: Pick<Row, 'bucket' | 'rk' | 'index'>[]): SqlFragment[] {
  return SIDE_TABLES.flatMap(({ name, columns }) => {
    const owners = rows.flatMap((row) => (row.index.side[name] ?? []).map((values) => ({ row, values })))
    if (owners.length === 0) return []
    const arrays = [
      sql`${owners.map(({ row }) => row.bucket)}::smallint[]`,
      sql`${owners.map(({ row }) => row.rk)}::bigint[]`,
      ...columns.map(({ type }, i) => sql`${owners.map(({ values }) => values[i])}::${raw(type)}[]`),
    ]
    const names = raw(['bucket', 'rk', ...columns.map((c) => c.name)].join(', '))
    const values = raw(['bucket', 'rk', ...columns.map((c) => c.stored ?? c.name)].join(', '))
    return [
      sql`${raw(`${name}_filled`)} AS (
        INSERT INTO ${raw(name)} (${names}) SELECT ${values} FROM unnest(${join(arrays, ', ')}) AS n(${names}))`,
    ]
  })
}

function eventPart(rows: Row[]): SqlFragment {
  return sql`happened AS (
    INSERT INTO event (bucket, rk, version, type, id, interaction, patient, recorded_at, depth, actor)
    SELECT * FROM unnest(
      ${column(rows, (r) => r.bucket)}::smallint[], ${column(rows, (r) => r.rk)}::bigint[],
      ${column(rows, (r) => r.version)}::int[], ${column(rows, (r) => r.type)}::text[], ${column(rows, (r) => r.id)}::text[],
      ${column(rows, (r) => r.interaction)}::text[], ${column(rows, (r) => r.index.patient)}::text[],
      ${column(rows, (r) => r.lastUpdated)}::timestamptz[], ${column(rows, (r) => r.depth)}::smallint[],
      ${column(rows, (r) => r.access.actor)}::text[]))`
}
