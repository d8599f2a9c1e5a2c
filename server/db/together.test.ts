import { inTransaction, inTransactionOpenedWith, type Tx, together } from './pool.ts'
import { startTestDatabase, type TestDatabase } from './test-database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
  await database.pool.query('CREATE TABLE note (id int PRIMARY KEY, text text)')
})
beforeEach(() => database.pool.query('TRUNCATE note'))
afterAll(() => database.stop())

const notes = async () => (await database.pool.query<{ id: number }>('SELECT id FROM note ORDER BY id')).rows

test('what is asked together is answered in its own order, and each sees what was written before it', async () => {
  const [, seen, count] = await inTransaction(database.pool, (tx) =>
    together(tx, () => [
      tx.query(`INSERT INTO note VALUES (1, 'a')`),
      tx.query<{ text: string }>('SELECT text FROM note').then(({ rows }) => rows[0]?.text),
      tx.query<{ count: number }>('SELECT count(*)::int AS count FROM note').then(({ rows }) => rows[0]?.count),
    ]),
  )
  expect([seen, count]).toEqual(['a', 1])
  expect(await notes()).toEqual([{ id: 1 }])
})

test('what failed first is told, though what comes after it fails too and stands before it', async () => {
  const failing = inTransaction(database.pool, (tx) =>
    together(tx, () => [
      tx.query('SELECT 1').then(() => tx.query('SELECT 2')),
      tx.query('SELECT 1 / 0'),
      tx.query('SELECT 3'),
    ]),
  )
  await expect(failing).rejects.toMatchObject({ code: '22012' })
})

test('the same where what failed first is told of it last: the others are refused because of it, and do not say why', async () => {
  const toldLate = async (tx: Tx) => {
    try {
      await tx.query('SELECT 1 / 0')
    } catch (error) {
      await new Promise((resolve) => setTimeout(resolve, 30))
      throw error
    }
  }
  const failing = inTransaction(database.pool, (tx) =>
    together(tx, () => [together(tx, () => [tx.query('SELECT 1'), toldLate(tx)]), tx.query('SELECT 3')]),
  )
  await expect(failing).rejects.toMatchObject({ code: '22012' })
})

test('a transaction that had failed before all of them is told as that', async () => {
  const failing = inTransaction(database.pool, async (tx) => {
    await tx.query('SELECT 1 / 0').catch(() => {})
    await together(tx, () => [tx.query('SELECT 1'), tx.query('SELECT 2')])
  })
  await expect(failing).rejects.toMatchObject({ code: '25P02' })
})

test('one that goes on after another has failed is waited for, and nothing of it is kept', async () => {
  let ended = false
  const goesOn = async (write: () => Promise<unknown>) => {
    await new Promise((resolve) => setTimeout(resolve, 30))
    await write().finally(() => {
      ended = true
    })
  }
  const failing = inTransaction(database.pool, (tx) =>
    together(tx, () => [goesOn(() => tx.query(`INSERT INTO note VALUES (2, 'late')`)), tx.query('SELECT 1 / 0')]),
  )
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  expect(ended).toBe(true)
  expect(await notes()).toEqual([])
})

test('the same where what fails is not in the database at all', async () => {
  const failing = inTransaction(database.pool, (tx) =>
    together(tx, () => [tx.query(`INSERT INTO note VALUES (3, 'written')`), Promise.reject(new Error('of ours'))]),
  )
  await expect(failing).rejects.toThrow('of ours')
  expect(await notes()).toEqual([])
})

test('what cannot even be begun leaves the connection as it was', async () => {
  const failing = inTransaction(database.pool, (tx) =>
    together(tx, () => {
      throw new Error('not begun')
    }),
  )
  await expect(failing).rejects.toThrow('not begun')
  const answered = Array.from({ length: 16 }, () => database.pool.query('SELECT 1'))
  expect(await Promise.all(answered)).toHaveLength(16)
})

test('what is asked with BEGIN is within the transaction: its locks are held until the end', async () => {
  await database.pool.query(`INSERT INTO note VALUES (4, 'locked')`)
  const free = () => database.pool.query('SELECT id FROM note FOR UPDATE SKIP LOCKED').then(({ rows }) => rows)
  const during = await inTransactionOpenedWith(
    database.pool,
    (tx) => tx.query<{ id: number }>('SELECT id FROM note FOR UPDATE').then(({ rows }) => rows),
    async (_tx, locked) => ({ locked, free: await free() }),
  )
  expect(during).toEqual({ locked: [{ id: 4 }], free: [] })
  expect(await free()).toEqual([{ id: 4 }])
})

test('an opening that fails begins no work, and its connection can be used', async () => {
  let worked = false
  const failing = inTransactionOpenedWith(
    database.pool,
    (tx) => tx.query('SELECT 1 / 0'),
    async () => {
      worked = true
    },
  )
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  expect(worked).toBe(false)
  await inTransaction(database.pool, (tx) => tx.query(`INSERT INTO note VALUES (5, 'after')`))
  expect(await notes()).toEqual([{ id: 5 }])
})
