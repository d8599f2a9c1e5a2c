import { inTransaction, type Pool, type Tx } from '../db/pool.ts'
import { raw, sql } from '../db/sql.ts'
import type { Audit } from './audit.ts'
import { monthOf } from './chains.ts'
import { OWN_AGENT } from './own-agent.ts'
import type { Head } from './record.ts'

/** Months that are made before they come, so that a server that stands still for as long still finds its own. */
const AHEAD_COUNT = 2
/** Held until COMMIT: two processes make or drop the same month one after the other. "audit" read as base 36. */
const LOCK = 18_083_513

/** Makes the partitions of this month and of the next ones. */
export async function makeMonths(pool: Pool, now: Date): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query(sql`SELECT pg_advisory_xact_lock(${LOCK})`)
    await tx.query(sql`
      SELECT make_audit_month((${monthOf(now)}::date + make_interval(months => ahead))::date)
        FROM generate_series(0, ${AHEAD_COUNT}::int) AS ahead`)
  })
}

/** The months that there are, oldest first, as their first days. */
export async function listMonths(db: Pick<Tx, 'query'>): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    sql`SELECT relname AS name FROM pg_class JOIN pg_inherits ON oid = inhrelid
         WHERE inhparent = 'audit_block'::regclass AND relname ~ '^audit_block_[0-9]{6}$' ORDER BY relname`,
  )
  return rows.map(({ name }) => `${name.slice(-6, -2)}-${name.slice(-2)}-01`)
}

/**
 * Drops the months that are older than the time for which the audit is kept, each with everything that it held. That it was done, and
 * where the chains of that month had ended, is written down in the same transaction.
 * @returns the months that were dropped
 */
export async function dropMonths(pool: Pool, audit: Audit, keptMonthCount: number, now: Date): Promise<string[]> {
  const [year = 0, month = 1] = monthOf(now).split('-').map(Number)
  const oldest = monthOf(new Date(Date.UTC(year, month - 1 - keptMonthCount, 1)))
  const dropped: string[] = []
  for (const old of (await listMonths(pool)).filter((one) => one < oldest)) {
    await inTransaction(pool, async (tx) => {
      await tx.query(sql`SELECT pg_advisory_xact_lock(${LOCK})`)
      if (!(await listMonths(tx)).includes(old)) return
      const heads = await headsOf(tx, old)
      await audit.within(
        tx,
        [{ code: 'retention', agent: OWN_AGENT, what: [`audit/${old.slice(0, 7)}`], heads }],
        (part) => tx.query(part ? sql`WITH ${part} SELECT 1` : sql`SELECT 1`),
      )
      const suffix = `${old.slice(0, 4)}${old.slice(5, 7)}`
      await tx.query(sql`DROP TABLE ${raw(`audit_block_${suffix}`)}, ${raw(`audit_filing_${suffix}`)}`)
      dropped.push(old)
    })
  }
  return dropped
}

async function headsOf(tx: Tx, month: string): Promise<Head[]> {
  const { rows } = await tx.query<{ chain: string; block: number; head: string }>(sql`
    SELECT DISTINCT ON (chain) chain, block, head FROM audit_block WHERE month = ${month}::date ORDER BY chain, block DESC`)
  return rows.map(({ chain, block, head }) => [month, chain, block, head])
}
