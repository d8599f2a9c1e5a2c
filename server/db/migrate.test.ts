import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { openLog } from '../log.ts'
import { type EmbeddedDatabase, startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { openPool, type Pool } from './pool.ts'

const log = openLog('silent')
let folder: string
let migrations: string
let database: EmbeddedDatabase
let pool: Pool

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fylgje-migrate-'))
  database = await startEmbedded({ dataDir: join(folder, 'data'), log })
  pool = openPool(database.databaseUrl, 8, 'test')
})

beforeEach(async () => {
  await pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  migrations = await mkdtemp(join(folder, 'migrations-'))
  await write('0001-one.sql', 'CREATE TABLE one (n integer); INSERT INTO one VALUES (1);')
  await write('0002-two.sql', 'ALTER TABLE one ADD COLUMN m integer DEFAULT 2;')
})

afterAll(async () => {
  await pool.end()
  await database.stop()
  await rm(folder, { recursive: true, force: true })
})

test('each file runs once, in order', async () => {
  expect(await migrate(pool, log, migrations)).toEqual(['0001-one.sql', '0002-two.sql'])
  expect(await migrate(pool, log, migrations)).toEqual([])
  await write('0003-three.sql', 'INSERT INTO one VALUES (3);')
  expect(await migrate(pool, log, migrations)).toEqual(['0003-three.sql'])
  expect(await rows()).toEqual([
    { n: 1, m: 2 },
    { n: 3, m: 2 },
  ])
})

test('processes that start together run each file once', async () => {
  const others = Array.from({ length: 4 }, () => openPool(database.databaseUrl, 1, 'test'))
  const results = await Promise.all([pool, ...others].map((one) => migrate(one, log, migrations)))
  expect(results.filter(({ length }) => length > 0)).toEqual([['0001-one.sql', '0002-two.sql']])
  expect(await rows()).toHaveLength(1)
  await Promise.all(others.map((other) => other.end()))
})

test('a file that fails leaves nothing behind, neither do those before it', async () => {
  await write('0003-broken.sql', 'INSERT INTO one VALUES (3); SELECT * FROM nowhere;')
  await expect(migrate(pool, log, migrations)).rejects.toThrow('relation "nowhere" does not exist')
  expect((await pool.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`)).rowCount).toBe(0)
})

test('a database of a newer version is refused', async () => {
  await migrate(pool, log, migrations)
  await rm(join(migrations, '0002-two.sql'))
  await expect(migrate(pool, log, migrations)).rejects.toThrow(
    /^The database has migration 0002-two\.sql, which this version/,
  )
})

test('a file that was changed after it ran is refused', async () => {
  await migrate(pool, log, migrations)
  await write('0001-one.sql', 'CREATE TABLE other (n integer);')
  await expect(migrate(pool, log, migrations)).rejects.toThrow(/^Migration 0001-one\.sql has run .+ with another text/)
})

test('two files of one number are refused', async () => {
  await write('0002-again.sql', 'SELECT 1')
  await expect(migrate(pool, log, migrations)).rejects.toThrow('Two migrations have the number of 0002-again.sql.')
})

const write = (name: string, text: string) => writeFile(join(migrations, name), text)
const rows = async () => (await pool.query('SELECT * FROM one ORDER BY n')).rows
