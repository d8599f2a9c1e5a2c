import type { Queryable } from '../db/pool.ts'
import { join, type SqlFragment, sql } from '../db/sql.ts'
import { idToken, RECEIVED, readRecords } from './block.ts'
import { monthsUnfiled, unfiledPart } from './filing.ts'
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
  /** Of each list one token must be among those under which a block is filed; see `tokensOf`. */
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
  // Of the block in which a page ended, what lies behind it.
  if (asked.after) for (const found of recordsOf(await blocksAt(db, asked.after), asked, asked.after.index)) yield found
  for await (const window of windowsOf(db, asked)) yield* recordsWithin(db, asked, window)
}

async function* recordsWithin(db: Queryable, asked: RecordsAsked, window: Window): AsyncGenerator<FoundRecord> {
  let { after } = asked
  for (let limit = FETCHED_FIRST; ; limit = Math.min(limit * 4, FETCHED_MAX)) {
    const rows: BlockRow[] = await fetchBlocks(db, { ...asked, after }, window, limit)
    for (const row of rows) {
      const isTwice = after?.chain === row.chain && after.block === row.block
      if (!isTwice && mayHold(row.lines, asked)) for (const found of recordsOf([row], asked)) yield found
      // Two may have filed what a third had left; then it comes twice, one behind the other.
      after = { recordedAt: row.recorded_at.toISOString(), chain: row.chain, block: row.block, index: 0 }
    }
    if (rows.length < limit) return
  }
}

/** Ids stand in the lines as they are. Spares the parsing of most blocks, where one of many that are filed together is meant. */
const mayHold = (lines: string, { tokens }: RecordsAsked): boolean =>
  tokens.every((some) => some.some((token) => !BY_ID.test(token) || lines.includes(token.replace(BY_ID, ''))))
const BY_ID = /^(?:patient|what)=/

/** Recorded within [since, until), as instants; open where it is undefined. */
type Window = { since?: string | undefined; until?: string | undefined }

const EPOCH = new Date(0).toISOString()
const FIRST_WINDOW_MILLIS = 3600_000
const WINDOW_GROWTH = 8

/**
 * The time that is looked at, in ever larger pieces, from where the order begins. What is filed under a common name is most of
 * the audit: whoever wants a page of it shall not wait until all of it has been sorted.
 */
async function* windowsOf(db: Queryable, asked: RecordsAsked): AsyncGenerator<Window> {
  // Without a name they come by the index of their times.
  if (isByTimeAlone(asked)) return yield {}
  const { order, from, after } = asked
  const oldest = Math.max(await oldestMillis(db), Date.parse(bounded(from) ?? EPOCH))
  const isNewest = order === 'newest'
  const [begin, end] = isNewest ? [Date.now(), oldest] : [oldest, Date.now()]
  let edge = after ? Date.parse(after.recordedAt) : begin
  let behind: string | undefined
  for (let span = FIRST_WINDOW_MILLIS; ; span *= WINDOW_GROWTH) {
    edge += isNewest ? -span : span
    const isLast = isNewest ? edge <= end : edge >= end
    const next = isLast ? undefined : new Date(edge).toISOString()
    yield isNewest ? { since: next, until: behind } : { since: behind, until: next }
    if (isLast) return
    behind = next
  }
}

async function oldestMillis(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ oldest: Date | null }>(sql`SELECT min(recorded_at) AS oldest FROM audit_block`)
  return rows[0]?.oldest?.getTime() ?? Date.now()
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

async function fetchBlocks(db: Queryable, asked: RecordsAsked, window: Window, limit: number): Promise<BlockRow[]> {
  const { from, to, order, after } = asked
  const since = window.since ?? bounded(from)
  const isNewest = order === 'newest'
  const conditions = [
    ...[from, window.since].map((one) => (bounded(one) ? sql`b.recorded_at >= ${one}::timestamptz` : sql`true`)),
    window.until === undefined ? sql`true` : sql`b.recorded_at < ${window.until}::timestamptz`,
    // A transaction that began before midnight has its chain from the month before.
    since === undefined
      ? sql`true`
      : sql`b.month >= (date_trunc('month', ${since}::timestamptz AT TIME ZONE 'UTC') - interval '1 month')::date`,
    after === undefined ? sql`true` : isNewest ? before(after) : behind(after),
    // What was received may tell of another time than that at which it came.
    bounded(to) ? sql`(p.received OR b.recorded_at < ${to}::timestamptz)` : sql`true`,
  ]
  const sorted = isNewest
    ? sql`ORDER BY b.recorded_at DESC, b.chain DESC, b.block DESC`
    : sql`ORDER BY b.recorded_at, b.chain, b.block`
  const { rows } = await db.query<BlockRow>(
    isByTimeAlone(asked)
      ? sql`SELECT ${COLUMNS} FROM audit_block b WHERE ${join(conditions, ' AND ')} ${sorted} LIMIT ${limit}`
      : sql`WITH RECURSIVE ${unfiledPart(monthsUnfiled(new Date()))}, ${placePart(asked, window)}
          SELECT ${COLUMNS}
            FROM place p JOIN audit_block b ON b.month = p.month AND b.chain = p.chain AND b.block BETWEEN p.first AND p.last
           WHERE ${join(conditions, ' AND ')} ${sorted} LIMIT ${limit}`,
  )
  return rows
}

const COLUMNS = sql`b.month::text, b.chain, b.block, b.recorded_at, b.lines`
const bounded = (at: string | undefined) => (at === undefined || at.endsWith('infinity') ? undefined : at)
const isByTimeAlone = ({ tokens, to }: RecordsAsked) => tokens.length === 0 && bounded(to) === undefined

/** Where the blocks may be: in filings under these names, and wherever nothing is filed yet. */
function placePart({ tokens }: RecordsAsked, { since, until }: Window): SqlFragment {
  const conditions = [
    ...tokens.map((some) => sql`f.tokens && ${some}::text[]`),
    since === undefined ? sql`true` : sql`f.until >= ${since}::timestamptz`,
    until === undefined ? sql`true` : sql`f.since < ${until}::timestamptz`,
  ]
  return sql`place (month, chain, first, last, received) AS (
    SELECT f.month, f.chain, f.first, f.last, f.tokens && ${[RECEIVED]}::text[] FROM audit_filing f WHERE ${join(conditions, ' AND ')}
    UNION ALL
    SELECT u.month, u.chain, u.first, ${BLOCK_MAX}::int, true FROM unfiled u)`
}
/** The largest integer that there is. */
const BLOCK_MAX = 2_147_483_647

const keyOf = ({ recordedAt, chain, block }: Place) =>
  sql`(${recordedAt}::timestamptz, ${chain}::bigint, ${block}::int)`
const before = (place: Place) => sql`(b.recorded_at, b.chain, b.block) < ${keyOf(place)}`
const behind = (place: Place) => sql`(b.recorded_at, b.chain, b.block) > ${keyOf(place)}`

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
