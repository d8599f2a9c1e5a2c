import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inTransaction } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type Audit, byPool, createAudit } from './audit.ts'
import { fileLeftOvers } from './filing.ts'
import { type FoundRecord, findRecord, findRecords, placeOf } from './find-records.ts'
import { dropMonths, listMonths, makeMonths } from './months.ts'
import type { Agent, AuditRecord } from './record.ts'
import { seal, unsealedHeads } from './seal.ts'
import { verifyAudit } from './verify.ts'

const KARI: Agent = { who: 'Practitioner/kari', client: 'ehr' }
let database: TestDatabase
let audit: Audit
const failures: unknown[] = []

beforeAll(async () => {
  database = await startTestDatabase()
  audit = createAudit({ send: byPool(database.pool), onFailure: (error) => failures.push(error) })
})
afterAll(() => database.stop())

const read = (patient: string): AuditRecord => ({
  code: 'read',
  agent: KARI,
  patients: [patient],
  what: [`Observation/${patient}`],
})
async function recordsOf(patient: string, order: 'newest' | 'oldest' = 'oldest'): Promise<FoundRecord[]> {
  const found = findRecords(database.pool, { tokens: [[`patient=${patient}`]], order })
  return (await Array.fromAsync(found)).filter(({ record }) => record.patients?.includes(patient))
}
const write = (part: Parameters<Parameters<Audit['within']>[2]>[0]) =>
  sql`WITH ${part ?? sql`none AS (SELECT)`} SELECT 1`
/** As somebody who may do anything to the tables. */
async function tamper(statement: string): Promise<void> {
  await inTransaction(database.pool, async (tx) => {
    await tx.query('SET LOCAL session_replication_role = replica')
    await tx.query(statement)
  })
}

test('what is noted at the same time is there, each once, and found by its id', async () => {
  await Promise.all(Array.from({ length: 300 }, () => audit.note(read('many'))))
  const found = await recordsOf('many')
  expect(found).toHaveLength(300)
  expect(new Set(found.map(({ id }) => id)).size).toBe(300)
  const [first] = found
  expect(await findRecord(database.pool, first?.id ?? '')).toEqual(first)
  expect(await findRecord(database.pool, '202611-zz-0-0')).toBeUndefined()
  expect(await findRecord(database.pool, 'no-such-form')).toBeUndefined()
  expect((await verifyAudit(database.pool)).findings).toEqual([])
})

test('what follows a record, in either order, is all that follows it', async () => {
  const all = await recordsOf('many')
  const at = 123
  const place = placeOf(all[at] as FoundRecord)
  const tokens = [['patient=many']]
  const behind = await Array.fromAsync(findRecords(database.pool, { tokens, order: 'oldest', after: place }))
  expect(behind.map(({ id }) => id)).toEqual(all.slice(at + 1).map(({ id }) => id))
  const before = await Array.fromAsync(findRecords(database.pool, { tokens, order: 'newest', after: place }))
  expect(before.map(({ id }) => id)).toEqual(
    all
      .slice(0, at)
      .toReversed()
      .map(({ id }) => id),
  )
})

test('what is filed is found as before, page by page, and beside it what came later and is not filed yet', async () => {
  const before = await recordsOf('many')
  await audit.file(database.pool)
  expect(await recordsOf('many')).toEqual(before)
  await audit.note(read('many'))
  const all = await recordsOf('many')
  expect(all).toHaveLength(301)
  expect(await recordsOf('many', 'newest')).toEqual(all.toReversed())
  const tokens = [['patient=many'], ['agent=Practitioner/kari', 'agent=Client/nobody']]
  const [last] = await Array.fromAsync(findRecords(database.pool, { tokens, order: 'newest' }))
  expect(last).toEqual(all.at(-1))
  const { rows } = await database.pool.query('SELECT sum(last - first + 1)::int AS blocks FROM audit_filing')
  expect(rows).toEqual([{ blocks: (await verifyAudit(database.pool)).blocks - 1 }])
  expect((await verifyAudit(database.pool)).findings).toEqual([])
})

test('filings follow each other in their chain, also where one could not be written and was tried again', async () => {
  const own = createAudit({ send: byPool(database.pool), onFailure: () => {} })
  await own.note(read('in-order'))
  const failing = { query: () => Promise.reject(new Error('away')) } as unknown as typeof database.pool
  const first = expect(own.file(failing)).rejects.toThrow('away')
  await own.note(read('in-order'))
  const second = own.file(database.pool)
  await Promise.all([first, second])
  const { rows } = await database.pool.query<{ first: number; last: number }>(
    "SELECT first, last FROM audit_filing WHERE tokens @> '{patient=in-order}' ORDER BY first",
  )
  expect(rows.flatMap(({ first: from, last }) => Array.from({ length: last - from + 1 }, (_, i) => from + i))).toEqual([
    0, 1,
  ])
  expect(await recordsOf('in-order')).toHaveLength(2)
})

test('what a process has left that was killed is found, then filed by another, also by two at once', async () => {
  const killed = createAudit({ send: byPool(database.pool), onFailure: () => {} })
  for (let i = 0; i < 3; i++) await killed.note(read('left'))
  expect(await recordsOf('left')).toHaveLength(3)
  const months = await listMonths(database.pool)
  // Whoever has written just now may still run.
  expect(await fileLeftOvers(database.pool, months, new Date(Date.now() - 60_000))).toBe(0)
  const soon = new Date(Date.now() + 1_000)
  await Promise.all([fileLeftOvers(database.pool, months, soon), fileLeftOvers(database.pool, months, soon)])
  expect(await fileLeftOvers(database.pool, months, soon)).toBe(0)
  expect(await recordsOf('left')).toHaveLength(3)
  // It lived, after all, and files it too.
  await killed.note(read('left'))
  await killed.file(database.pool)
  expect(await recordsOf('left')).toHaveLength(4)
  expect((await verifyAudit(database.pool)).findings).toEqual([])
})

test('what is filed but not there is missed: the end of a chain that was cut off, or a filing that hides what comes', async () => {
  const own = createAudit({ send: byPool(database.pool), onFailure: () => {} })
  for (let i = 0; i < 2; i++) await own.note(read('filed'))
  await own.file(database.pool)
  const [, { id = '' } = {}] = await recordsOf('filed')
  const { chain } = placeOf((await findRecord(database.pool, id)) as FoundRecord)
  await tamper(`DELETE FROM audit_block WHERE chain = ${chain} AND block = 1`)
  expect((await verifyAudit(database.pool)).findings).toEqual([
    expect.objectContaining({ kind: 'missing', where: expect.stringContaining(`chain ${chain} block 1`) }),
  ])
  await tamper(`DELETE FROM audit_block WHERE chain = ${chain}; DELETE FROM audit_filing WHERE chain = ${chain}`)
})

test('a transaction takes its records with it when it is rolled back, and the chain goes on where it was', async () => {
  const failing = inTransaction(database.pool, async (tx) => {
    await audit.within(tx, [read('undone')], (part) => tx.query(write(part)))
    await audit.within(tx, [read('undone')], (part) => tx.query(write(part)))
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  await inTransaction(database.pool, async (tx) => {
    await audit.within(tx, [read('done')], (part) => tx.query(write(part)))
    await audit.within(tx, [read('done'), read('done')], (part) => tx.query(write(part)))
  })
  await audit.within(database.pool, [read('done')], (part) => database.pool.query(write(part)))
  expect(await recordsOf('undone')).toEqual([])
  expect(await recordsOf('done')).toHaveLength(4)
  const { findings, chains } = await verifyAudit(database.pool)
  expect(findings).toEqual([])
  expect(chains).toBeLessThanOrEqual(3)
})

test('a statement that is refused leaves no record', async () => {
  const refused = audit.within(database.pool, [read('refused')], (part) =>
    database.pool.query(sql`WITH ${part} SELECT 1 / 0`),
  )
  await expect(refused).rejects.toThrow('division by zero')
  expect(await recordsOf('refused')).toEqual([])
})

test('what cannot be written down is refused with 503, and why is told to us', async () => {
  const broken = createAudit({
    send: () => database.pool.query('SELECT 1 / 0'),
    onFailure: (error) => failures.push(error),
  })
  await expect(broken.note(read('lost'))).rejects.toMatchObject({ status: 503, issues: [{ code: 'transient' }] })
  expect(failures.map(String)).toEqual(['error: division by zero'])
})

test.each([
  "UPDATE audit_block SET lines = ''",
  'DELETE FROM audit_block',
  'TRUNCATE audit_block',
  "UPDATE audit_filing SET tokens = '{}'",
  'DELETE FROM audit_filing',
  'TRUNCATE audit_filing',
  `TRUNCATE audit_block_${new Date().toISOString().slice(0, 7).replace('-', '')}`,
])('nobody changes the audit: %s', async (statement) => {
  await expect(database.pool.query(statement)).rejects.toThrow('The audit is append-only')
})

test('the end of a chain that was cut off is missed by the seal, and by a head that was kept elsewhere', async () => {
  const own = createAudit({ send: byPool(database.pool), onFailure: () => {} })
  await own.note(read('cut'))
  const [head] = await seal(own)
  await own.note(read('after'))
  if (!head) throw new Error('nothing was sealed')
  const [, chain, block] = head
  expect(await verifyAudit(database.pool, [head])).toMatchObject({ findings: [] })
  // The seal stands behind it in the same chain here; whoever cuts that off too is found by the head that is kept.
  await tamper(`CREATE TEMP TABLE kept ON COMMIT PRESERVE ROWS AS SELECT * FROM audit_block WHERE chain = ${chain} AND block >= ${block};
                DELETE FROM audit_block WHERE chain = ${chain} AND block >= ${block}`)
  expect((await verifyAudit(database.pool)).findings).toEqual([])
  expect((await verifyAudit(database.pool, [head])).findings).toEqual([expect.objectContaining({ kind: 'missing' })])
  // A seal of another process sees it.
  const other = createAudit({ send: byPool(database.pool), onFailure: () => {} })
  await seal(other, [head])
  expect((await verifyAudit(database.pool)).findings).toEqual([
    expect.objectContaining({ kind: 'missing', where: expect.stringContaining(chain) }),
  ])
  await tamper(`DELETE FROM audit_block WHERE lines LIKE '%"code":"seal"%'`)
  expect((await verifyAudit(database.pool)).findings).toEqual([])
})

test('a superuser who changes a record, or takes one block away, is found', async () => {
  const own = createAudit({ send: byPool(database.pool), onFailure: () => {} })
  for (const patient of ['tampered', 'tampered', 'tampered']) await own.note(read(patient))
  const [, { id = '' } = {}] = await recordsOf('tampered')
  const place = placeOf((await findRecord(database.pool, id)) as FoundRecord)
  await tamper(
    `UPDATE audit_block SET lines = replace(lines, 'Practitioner/kari', 'Practitioner/nina') WHERE chain = ${place.chain} AND block = 1`,
  )
  const { findings } = await verifyAudit(database.pool)
  expect(findings.map(({ kind }) => kind)).toContain('changed')
  expect(findings[0]?.where).toContain(`chain ${place.chain} block 1`)
  await tamper(`DELETE FROM audit_block WHERE chain = ${place.chain} AND block = 1`)
  expect((await verifyAudit(database.pool)).findings).toEqual([
    {
      kind: 'missing',
      where: expect.stringContaining(`chain ${place.chain} block 2`),
      what: expect.stringContaining('blocks 1 to 1'),
    },
  ])
  await tamper(`DELETE FROM audit_block WHERE chain = ${place.chain}`)
})

test('months are made beforehand; those that are over are dropped whole, which is written down', async () => {
  const now = new Date()
  const long = new Date(Date.UTC(2015, 2, 15))
  await makeMonths(database.pool, long)
  const then = createAudit({ send: byPool(database.pool), onFailure: () => {}, now: () => long })
  await then.note(read('long-ago'))
  await then.file(database.pool)
  await seal(audit, await unsealedHeads(database.pool))
  await makeMonths(database.pool, now)
  await makeMonths(database.pool, now)
  expect(await listMonths(database.pool)).toHaveLength(6)
  expect(await recordsOf('long-ago')).toHaveLength(1)

  expect(await dropMonths(database.pool, audit, 60, now)).toEqual(['2015-03-01', '2015-04-01', '2015-05-01'])
  expect(await dropMonths(database.pool, audit, 60, now)).toEqual([])
  expect(await recordsOf('long-ago')).toEqual([])
  expect((await verifyAudit(database.pool)).findings).toEqual([])
  const found = await Array.fromAsync(findRecords(database.pool, { tokens: [['code=retention']], order: 'oldest' }))
  const dropped = found.find(({ record }) => record.code === 'retention')
  expect(dropped?.record).toMatchObject({
    what: ['audit/2015-03'],
    heads: [['2015-03-01', expect.any(String), 0, expect.any(String)]],
  })

  // A month that went without a word is missed by the seal that saw it.
  await makeMonths(database.pool, long)
  await then.note(read('long-ago'))
  await then.file(database.pool)
  await seal(audit, await unsealedHeads(database.pool))
  await tamper('DROP TABLE audit_block_201503, audit_filing_201503')
  await tamper(`DELETE FROM audit_block WHERE lines LIKE '%"code":"retention"%'`)
  expect((await verifyAudit(database.pool)).findings.map(({ kind }) => kind)).toContain('missing')
})
