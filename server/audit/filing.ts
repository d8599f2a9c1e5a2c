import type { Queryable } from '../db/pool.ts'
import { join, type SqlFragment, sql } from '../db/sql.ts'
import { readRecords, tokensOf } from './block.ts'
import { monthOf } from './chains.ts'
import type { AuditRecord } from './record.ts'

/** A row of `audit_filing`: by what the records of some blocks that follow each other in a chain are found. */
export type Filing = {
  month: string
  chain: string
  first: number
  last: number
  /** instants, UTC, milliseconds: when the earliest and the latest of them was recorded */
  since: string
  until: string
  tokens: Set<string>
}

/** A block that has been written, with what is in it. */
export type Filed = {
  month: string
  chain: string
  block: number
  recordedAt: string
  records: readonly AuditRecord[]
}

/** What one process has written and not filed yet. */
export type Filings = {
  /** In the order in which they stand in their chain. */
  add(block: Filed): void
  /** Puts down what has come since the last time. What fails is tried again with the next. */
  write(db: Queryable): Promise<void>
}

/**
 * Whoever is looked for is found by the filing, and then among the records of its blocks, one by one: the more are filed together, the
 * fewer entries the index has, and the more is looked at for each hit.
 */
const TOKEN_COUNT_MAX = 256

export function createFilings(): Filings {
  let waiting: Filing[] = []
  let open = new Map<string, Filing>()
  let underWay = Promise.resolve()
  return {
    add({ month, chain, block, recordedAt, records }) {
      let filing = open.get(chain)
      if (!filing || filing.last !== block - 1 || filing.tokens.size >= TOKEN_COUNT_MAX) {
        filing = { month, chain, first: block, last: block, since: recordedAt, until: recordedAt, tokens: new Set() }
        open.set(chain, filing)
        waiting.push(filing)
      }
      filing.last = block
      // A clock may go back.
      if (recordedAt < filing.since) filing.since = recordedAt
      if (recordedAt > filing.until) filing.until = recordedAt
      for (const token of tokensOf(records)) filing.tokens.add(token)
    },
    write(db) {
      // One after the other: what is behind the last filing of a chain is not filed, and so nothing before it may be missing.
      underWay = underWay.catch(() => {}).then(() => writeWaiting(db))
      return underWay
    },
  }

  async function writeWaiting(db: Queryable): Promise<void> {
    const written = waiting
    waiting = []
    open = new Map()
    try {
      await insertFilings(db, written)
    } catch (error) {
      waiting = [...written, ...waiting]
      throw error
    }
  }
}

const ROW_COUNT_MAX = 500

/** What was there already, by somebody else or by a try of which the answer was lost, says the same. */
async function insertFilings(db: Queryable, filings: readonly Filing[]): Promise<void> {
  for (let from = 0; from < filings.length; from += ROW_COUNT_MAX) {
    const rows = filings.slice(from, from + ROW_COUNT_MAX).map(
      ({ month, chain, first, last, since, until, tokens }) => sql`
        (${month}::date, ${chain}::bigint, ${first}::int, ${last}::int, ${since}::timestamptz, ${until}::timestamptz, ${[...tokens]}::text[])`,
    )
    await db.query(
      sql`INSERT INTO audit_filing (month, chain, first, last, since, until, tokens) VALUES ${join(rows, ', ')}
          ON CONFLICT DO NOTHING`,
    )
  }
}

/**
 * The blocks of some months that are not filed yet, as `unfiled (month, chain, first)`: of each chain those from `first` on. For a WITH
 * RECURSIVE: chains are few, and each is stepped to by the primary key.
 */
export const unfiledPart = (months: readonly string[]): SqlFragment => sql`
  each_chain (month, chain) AS (
    SELECT m.month, (SELECT min(b.chain) FROM audit_block b WHERE b.month = m.month) FROM unnest(${months}::date[]) AS m(month)
    UNION ALL
    SELECT c.month, (SELECT min(b.chain) FROM audit_block b WHERE b.month = c.month AND b.chain > c.chain)
      FROM each_chain c WHERE c.chain IS NOT NULL),
  unfiled (month, chain, first) AS (
    SELECT c.month, c.chain, coalesce((SELECT max(f.last) FROM audit_filing f WHERE f.month = c.month AND f.chain = c.chain), -1) + 1
      FROM each_chain c WHERE c.chain IS NOT NULL)`

/** The months in which there may be something that is not filed: what is older was left by nobody who still runs; see `fileLeftOvers`. */
export function monthsUnfiled(now: Date): string[] {
  return [-1, 0, 1].map((ahead) => monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))))
}

const BLOCK_COUNT_MAX = 500

/**
 * Files what a process has left that was killed. What others have written a moment ago they file themselves.
 * @param before only chains on which nothing came since then
 * @returns how many blocks it was
 */
export async function fileLeftOvers(db: Queryable, months: readonly string[], before: Date): Promise<number> {
  let count = 0
  for (;;) {
    const { rows } = await db.query<{ month: string; chain: string; block: number; recorded_at: Date; lines: string }>(
      sql`WITH RECURSIVE ${unfiledPart(months)}
        SELECT b.month::text, b.chain, b.block, b.recorded_at, b.lines
          FROM unfiled u JOIN audit_block b ON b.month = u.month AND b.chain = u.chain AND b.block >= u.first
         WHERE NOT EXISTS (SELECT FROM audit_block later WHERE later.month = u.month AND later.chain = u.chain
                              AND later.block >= u.first AND later.recorded_at >= ${before.toISOString()}::timestamptz)
         ORDER BY b.month, b.chain, b.block LIMIT ${BLOCK_COUNT_MAX}`,
    )
    const filings = createFilings()
    for (const { recorded_at, lines, ...place } of rows)
      filings.add({ ...place, recordedAt: recorded_at.toISOString(), records: readable(lines) })
    await filings.write(db)
    count += rows.length
    if (rows.length < BLOCK_COUNT_MAX) return count
  }
}

/** What somebody has made unreadable is for `verify` to tell. */
function readable(lines: string): AuditRecord[] {
  try {
    return readRecords(lines)
  } catch {
    return []
  }
}
