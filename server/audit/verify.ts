import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { type BlockHeader, genesisOf, hashLine, MARK_LENGTH, readRecords, splitLines, tokensOf } from './block.ts'
import { listMonths } from './months.ts'
import type { Head } from './record.ts'

/** One thing that is not as it was written. */
export type Finding = {
  kind: 'changed' | 'missing' | 'misplaced' | 'unreadable' | 'unfindable'
  /** `2026-11 chain 123 block 4`, with the record where it is known which. */
  where: string
  what: string
}

export type Verified = { months: string[]; chains: number; blocks: number; records: number; findings: Finding[] }

/** A row of `audit_block` as it stands now. */
export type StoredBlock = {
  month: string
  chain: string
  block: number
  recorded_at: Date
  head: string
  lines: string
  /** Under what it is filed, with others; null where it is not. */
  filed: string[] | null
}

const FETCHED = 200

/**
 * Works every hash out again, from the first record that is kept to the last: finds what was changed, taken away, put in or put
 * elsewhere since it was written. What was cut off at the end of a chain is missed by the seals of the others, and by `known`.
 * @param known heads that somebody has kept elsewhere, such as from the log
 * @param onProgress told now and then how many blocks have been looked at
 */
export async function verifyAudit(
  db: Queryable,
  known: readonly Head[] = [],
  onProgress: (blocks: number) => void = () => {},
): Promise<Verified> {
  const months = await listMonths(db)
  const verified: Verified = { months, chains: 0, blocks: 0, records: 0, findings: [] }
  const claims: { head: Head; by: string }[] = known.map((head) => ({ head, by: 'a head that was kept elsewhere' }))
  const dropped = new Set<string>()
  const chain = followChain(verified)
  for await (const row of everyBlock(db)) {
    verified.blocks++
    if (verified.blocks % FETCHED === 0) onProgress(verified.blocks)
    const records = chain.next(row)
    verified.records += records.length
    for (const { code, heads = [], what = [] } of records) {
      if (code === 'retention') for (const one of what) dropped.add(`${one.replace(/^audit\//, '')}-01`)
      if (code === 'seal') for (const head of heads) claims.push({ head, by: `the seal in ${placeOf(row)}` })
    }
  }
  for (const where of await filedInVain(db)) {
    verified.findings.push({ kind: 'missing', where, what: 'it is filed, and is not there' })
  }
  for (const { head, by } of await missingHeads(db, claims)) {
    const [month, id, block] = head
    if (dropped.has(month)) continue
    verified.findings.push({
      kind: 'missing',
      where: `${month.slice(0, 7)} chain ${id} block ${block}`,
      what: `${by} says that it was there, with the hash ${head[3]}`,
    })
  }
  return verified
}

/** Follows the blocks of one chain after the other, as they come. */
export function followChain(verified: Verified) {
  let before: StoredBlock | undefined
  const say = (kind: Finding['kind'], where: string, what: string) => verified.findings.push({ kind, where, what })

  return {
    /** @returns the records of the block; none where they cannot be read */
    next(row: StoredBlock): ReturnType<typeof readRecords> {
      const here = placeOf(row)
      const isSame = before?.chain === row.chain && before.month === row.month
      if (!isSame) verified.chains++
      const expected = isSame && before ? before.block + 1 : 0
      if (row.block !== expected)
        say('missing', here, `blocks ${expected} to ${row.block - 1} of its chain are not there`)
      // Behind a gap it is not known what the chain goes on from; the gap has been told.
      const from = row.block === 0 ? genesisOf(row.chain) : row.block === expected ? before?.head : undefined
      // Only the end of a chain may not be filed yet; whoever looks for what is in it looks there.
      if (isSame && before?.filed === null && row.filed !== null)
        say('unfindable', placeOf(before), 'it is filed under no name, and blocks behind it are')
      before = row
      return checkBlock(row, from, (kind, what, record) =>
        say(kind, record === undefined ? here : `${here} record ${record}`, what),
      )
    },
  }
}

type Say = (kind: Finding['kind'], what: string, record?: number) => void

function checkBlock(row: StoredBlock, from: string | undefined, say: Say): ReturnType<typeof readRecords> {
  const lines = splitLines(row.lines)
  let head = from
  for (const [i, { mark, text }] of lines.entries()) {
    if (head === undefined) break
    head = hashLine(head, text)
    if (head.slice(0, MARK_LENGTH) === mark) continue
    if (i === 0) say('changed', 'the header, or the block before this one, is not what was written')
    else say('changed', `the record is not what was written, or one before it is missing: ${text}`, i - 1)
    head = undefined
  }
  if (head !== undefined && head !== row.head)
    say('changed', 'the head is not the hash of the last record: records are missing at its end')
  try {
    const header = JSON.parse(lines[0]?.text ?? '{}') as BlockHeader
    const records = readRecords(row.lines)
    checkHeader(row, header, records.length, say)
    const filed = new Set(row.filed)
    const missing = row.filed === null ? [] : tokensOf(records).filter((token) => !filed.has(token))
    if (missing.length > 0) say('unfindable', `it is not filed under all names in its records: ${missing.join(', ')}`)
    return records
  } catch {
    say('unreadable', 'its lines are no JSON any more')
    return []
  }
}

function checkHeader({ chain, block, recorded_at }: StoredBlock, header: BlockHeader, count: number, say: Say): void {
  if (header.chain !== chain || header.block !== block)
    say('misplaced', `it was written as block ${header.block} of chain ${header.chain}`)
  if (header.at !== recorded_at.toISOString())
    say('changed', `it was recorded at ${header.at}, not at ${recorded_at.toISOString()}`)
  if (header.count !== count) say('missing', `it had ${header.count} records; ${count} are there`)
}

const placeOf = ({ month, chain, block }: Pick<StoredBlock, 'month' | 'chain' | 'block'>): string =>
  `${month.slice(0, 7)} chain ${chain} block ${block}`

/** Chain by chain, in their order. */
async function* everyBlock(db: Queryable): AsyncGenerator<StoredBlock> {
  let after: Pick<StoredBlock, 'month' | 'chain' | 'block'> | undefined
  for (;;) {
    const behind = after
      ? sql`(month, chain, block) > (${after.month}::date, ${after.chain}::bigint, ${after.block}::int)`
      : sql`true`
    const { rows } = await db.query<StoredBlock>(sql`
      SELECT b.month::text, b.chain, b.block, b.recorded_at, b.head, b.lines, f.tokens AS filed
        FROM (SELECT * FROM audit_block WHERE ${behind} ORDER BY month, chain, block LIMIT ${FETCHED}) b
        LEFT JOIN LATERAL (SELECT tokens FROM audit_filing f WHERE f.month = b.month AND f.chain = b.chain
                                AND f.last >= b.block AND f.first <= b.block ORDER BY f.last LIMIT 1) f ON true
       ORDER BY b.month, b.chain, b.block`)
    yield* rows
    after = rows.at(-1)
    if (rows.length < FETCHED || !after) return
  }
}

/** The last blocks of filings that there are no such blocks of: cut off since, or never there, so that what comes is not looked for. */
async function filedInVain(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ month: string; chain: string; block: number }>(sql`
    SELECT f.month::text, f.chain, f.last AS block FROM audit_filing f
     WHERE NOT EXISTS (SELECT FROM audit_block b WHERE b.month = f.month AND b.chain = f.chain AND b.block = f.last)
     ORDER BY f.month, f.chain, f.last`)
  return rows.map(placeOf)
}

type Claim = { head: Head; by: string }

/** Those of which the block is not there, or has another hash. */
async function missingHeads(db: Queryable, claims: Claim[]): Promise<Claim[]> {
  const missing: Claim[] = []
  for (let from = 0; from < claims.length; from += 1000) {
    const some = claims.slice(from, from + 1000)
    const { rows } = await db.query<{ place: number }>(sql`
      SELECT c.place FROM unnest(${some.map((_, i) => i)}::int[], ${some.map(({ head }) => head[0])}::date[],
                                 ${some.map(({ head }) => head[1])}::bigint[], ${some.map(({ head }) => head[2])}::int[],
                                 ${some.map(({ head }) => head[3])}::text[]) AS c(place, month, chain, block, hash)
       WHERE NOT EXISTS (SELECT FROM audit_block b
                          WHERE b.month = c.month AND b.chain = c.chain AND b.block = c.block AND b.head = c.hash)
       ORDER BY c.place`)
    for (const { place } of rows) missing.push(some[place] as Claim)
  }
  return missing
}
