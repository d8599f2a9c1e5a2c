import type { Queryable } from '../db/pool.ts'
import { join, sql } from '../db/sql.ts'
import { idToken, RECEIVED, readRecords } from './block.ts'
import type { AuditRecord } from './record.ts'

/** A record with what its block and its place say of it. */
export type FoundRecord = {
  /** Of the AuditEvent. */
  id: string
  /** instant, UTC, milliseconds */
  recordedAt: string
  record: AuditRecord
}

/** Which blocks may hold what is looked for. Their records are then looked at one by one, by whoever asks. */
export type RecordsAsked = {
  /** Of each list one token must be among those of a block; see `tokensOf`. */
  tokens: string[][]
  /**
   * Recorded within [from, to); ±infinity where it is open. What was received may tell of long ago, so its blocks are among them
   * whenever they came after `from`.
   */
  from?: string
  to?: string
  order: 'newest' | 'oldest'
  /** Behind this record: its `placeOf`. */
  after?: Place
}

export type Place = { recordedAt: string; chain: string; block: number; index: number }

/** Blocks that are fetched at once: few at first, since a page of a busy server is in one or two. */
const FETCHED_FIRST = 8
const FETCHED_MAX = 256

/** The records of these blocks, in their order in time. Whoever stops early has read little more than what they took. */
export async function* findRecords(db: Queryable, asked: RecordsAsked): AsyncGenerator<FoundRecord> {
  let after = asked.after
  // Of the block in which a page ended, what lies behind it.
  if (after) for (const found of recordsOf(await blocksAt(db, after), asked, after.index)) yield found
  for (let limit = FETCHED_FIRST; ; limit = Math.min(limit * 4, FETCHED_MAX)) {
    const rows: BlockRow[] = await fetchBlocks(db, asked, after, limit)
    for (const row of rows) for (const found of recordsOf([row], asked)) yield found
    const last = rows.at(-1)
    if (rows.length < limit || !last) return
    after = { recordedAt: last.recorded_at.toISOString(), chain: last.chain, block: last.block, index: 0 }
  }
}

/** One record by the id of its AuditEvent; undefined where there is none. */
export async function findRecord(db: Queryable, id: string): Promise<FoundRecord | undefined> {
  const place = parseId(id)
  if (!place) return findReceived(db, id)
  const { month, chain, block, index } = place
  const { rows } = await db.query<BlockRow>(sql`
    SELECT month::text, chain, block, recorded_at, lines FROM audit_block
     WHERE month = ${month}::date AND chain = ${chain}::bigint AND block = ${block}::int`)
  const [row] = rows
  const record = row && readRecords(row.lines)[index]
  return record && { id, recordedAt: row.recorded_at.toISOString(), record }
}

async function findReceived(db: Queryable, id: string): Promise<FoundRecord | undefined> {
  for await (const found of findRecords(db, { tokens: [[idToken(id)]], order: 'oldest' })) {
    if (found.record.received?.id === id) return found
  }
  return undefined
}

/** Whether an id has the form of those that our own records have. */
export const isOwnId = (id: string): boolean => parseId(id) !== undefined

type BlockRow = { month: string; chain: string; block: number; recorded_at: Date; lines: string }

async function fetchBlocks(db: Queryable, asked: RecordsAsked, after: Place | undefined, limit: number) {
  const { tokens, from, to, order } = asked
  const isNewest = order === 'newest'
  const conditions = [
    ...tokens.map((some) => sql`tokens && ${some}::text[]`),
    ...(from === undefined || from === '-infinity'
      ? []
      : [
          sql`recorded_at >= ${from}::timestamptz`,
          // A transaction that began before midnight has its chain from the month before.
          sql`month >= (date_trunc('month', ${from}::timestamptz AT TIME ZONE 'UTC') - interval '1 month')::date`,
        ]),
    ...(to === undefined || to === 'infinity'
      ? []
      : [
          sql`(recorded_at < ${to}::timestamptz AND month <= (${to}::timestamptz AT TIME ZONE 'UTC')::date
               OR tokens && ${[RECEIVED]}::text[])`,
        ]),
    ...(after === undefined ? [] : [isNewest ? before(after) : behind(after)]),
    sql`true`,
  ]
  const sorted = isNewest
    ? sql`ORDER BY recorded_at DESC, chain DESC, block DESC`
    : sql`ORDER BY recorded_at, chain, block`
  const { rows } = await db.query<BlockRow>(sql`
    SELECT month::text, chain, block, recorded_at, lines FROM audit_block
     WHERE ${join(conditions, ' AND ')} ${sorted} LIMIT ${limit}`)
  return rows
}

const keyOf = ({ recordedAt, chain, block }: Place) =>
  sql`(${recordedAt}::timestamptz, ${chain}::bigint, ${block}::int)`
const before = (place: Place) => sql`(recorded_at, chain, block) < ${keyOf(place)}`
const behind = (place: Place) => sql`(recorded_at, chain, block) > ${keyOf(place)}`

async function blocksAt(db: Queryable, { recordedAt, chain, block }: Place): Promise<BlockRow[]> {
  const { rows } = await db.query<BlockRow>(sql`
    SELECT month::text, chain, block, recorded_at, lines FROM audit_block
     WHERE recorded_at = ${recordedAt}::timestamptz AND chain = ${chain}::bigint AND block = ${block}::int`)
  return rows
}

function* recordsOf(rows: BlockRow[], { order }: RecordsAsked, behindIndex?: number): Generator<FoundRecord> {
  for (const row of rows) {
    const recordedAt = row.recorded_at.toISOString()
    const found = readRecords(row.lines).map((record, index) => ({ id: toId(row, index), recordedAt, record, index }))
    const ordered = order === 'newest' ? found.toReversed() : found
    for (const { index, ...one } of ordered) {
      const isBehind = behindIndex === undefined || (order === 'newest' ? index < behindIndex : index > behindIndex)
      if (isBehind) yield one
    }
  }
}

/** Where a record is, for the link to what comes behind it. */
export function placeOf({ id, recordedAt }: FoundRecord): Place {
  const { chain = '', block = 0, index = 0 } = parseId(id) ?? {}
  return { recordedAt, chain, block, index }
}

const toId = ({ month, chain, block }: BlockRow, index: number): string =>
  `${month.slice(0, 4)}${month.slice(5, 7)}-${BigInt(chain).toString(36)}-${block}-${index}`

function parseId(id: string): { month: string; chain: string; block: number; index: number } | undefined {
  const [, year, month, chain = '', block, index] =
    /^(\d{4})(0[1-9]|1[0-2])-([0-9a-z]{1,12})-(\d{1,9})-(\d{1,6})$/.exec(id) ?? []
  if (year === undefined) return undefined
  return { month: `${year}-${month}-01`, chain: fromBase36(chain), block: Number(block), index: Number(index) }
}

const fromBase36 = (text: string): string =>
  [...text].reduce((value, digit) => value * 36n + BigInt(Number.parseInt(digit, 36)), 0n).toString()
