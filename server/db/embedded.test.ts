import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { openLog } from '../log.ts'
import { type EmbeddedDatabase, startEmbedded } from './embedded.ts'
import { openPool, type Pool } from './pool.ts'
import { isUnavailable } from './unavailable.ts'

const log = openLog('silent')
let folder: string
let open: { database: EmbeddedDatabase; pool: Pool }[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fylgje-embedded-'))
})
afterEach(async () => {
  for (const { database, pool } of open) {
    await pool.end()
    await database.stop()
  }
  open = []
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('what is committed is flushed, nobody reaches it by TCP, and nothing sorts by the machine’s locale', async () => {
  const { pool } = await start('settings')
  const { rows } = await pool.query(`
    SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
           current_setting('full_page_writes') AS full_page_writes, current_setting('data_checksums') AS data_checksums,
           current_setting('listen_addresses') AS listen_addresses, current_setting('server_version_num')::int / 10000 AS major,
           datlocprovider AS locale_provider, pg_encoding_to_char(encoding) AS encoding
      FROM pg_database WHERE datname = current_database()`)
  expect(rows).toEqual([
    {
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      data_checksums: 'on',
      listen_addresses: '',
      major: 18,
      locale_provider: 'b',
      encoding: 'UTF8',
    },
  ])
})

test('without the password nobody gets in, even where they reach the socket', async () => {
  const { database } = await start('settings')
  const url = new URL(database.databaseUrl)
  url.password = 'guess'
  const stranger = openPool(url.href, 1, 'test')
  await expect(stranger.query('SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  await stranger.end()
})

test('PostgreSQL’s log holds no value of a statement that failed', async () => {
  const { pool } = await start('settings')
  await pool.query('CREATE TABLE IF NOT EXISTS person (fnr text PRIMARY KEY)')
  await pool.query(`INSERT INTO person VALUES ('13116900216') ON CONFLICT DO NOTHING`)
  await expect(pool.query(`INSERT INTO person VALUES ('13116900216')`)).rejects.toMatchObject({ code: '23505' })
  expect(await readFile(join(folder, 'settings/postgres.log'), 'utf8')).not.toContain('13116900216')
})

test('a postmaster.pid whose number is now another program’s keeps nobody out, and that program is left alone', async () => {
  const { database, pool } = await start('stale')
  await pool.query('CREATE TABLE kept AS SELECT 1 AS one')
  const pidFile = join(folder, 'stale/postgres/postmaster.pid')
  const text = await readFile(pidFile, 'utf8')
  await stop(database)
  const other = spawn('sleep', ['60'])
  await writeFile(pidFile, text.replace(/^\d+/, String(other.pid)))

  const again = await start('stale')
  expect((await again.pool.query('SELECT * FROM kept')).rows).toEqual([{ one: 1 }])
  expect(other.exitCode).toBeNull()
  other.kill()
  await once(other, 'exit')
})

test('a start that was killed while it made the database is begun anew', async () => {
  await mkdir(join(folder, 'half/postgres.unfinished-1/base'), { recursive: true })
  const { pool } = await start('half')
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  expect((await readdir(join(folder, 'half'))).filter((name) => name.includes('unfinished'))).toEqual([])
})

test('a path too long for a socket: the socket stands in a closed folder elsewhere', async () => {
  const { database, pool } = await start(join('long', 'x'.repeat(100)))
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  const socketFolder = new URL(database.databaseUrl).searchParams.get('host') ?? ''
  expect(dirname(socketFolder)).toBe(tmpdir())
  expect((await stat(socketFolder)).mode & 0o077).toBe(0)
})

test.each([
  ['PostgreSQL', (database: EmbeddedDatabase) => database.pid],
  ['one of its processes', async (_: EmbeddedDatabase, pool: Pool) => backendPid(pool)],
])('kill -9 of %s: callers learn that it is unavailable, then everything committed is there', async (_what, victim) => {
  const { database, pool } = await start('killed')
  await pool.query('CREATE TABLE IF NOT EXISTS entry (n integer)')
  await pool.query('TRUNCATE entry')
  const errors: unknown[] = []
  let committed = 0
  const write = async (until: () => boolean) => {
    while (!until()) {
      try {
        await pool.query('INSERT INTO entry VALUES ($1)', [committed])
        committed++
      } catch (error) {
        errors.push(error)
        await sleep(5)
      }
    }
  }
  await write(() => committed === 50)
  process.kill(await victim(database, pool), 'SIGKILL')
  await write(() => committed === 100)
  expect(errors.length).toBeGreaterThan(0)
  expect(errors.filter((error) => !isUnavailable(error))).toEqual([])
  const { rows } = await pool.query('SELECT count(DISTINCT n)::int AS count FROM entry')
  expect(rows).toEqual([{ count: 100 }])
})

test('a second server on the same folder is refused, and the first goes on', async () => {
  const { pool } = await start('settings')
  await expect(startEmbedded({ dataDir: join(folder, 'settings'), log })).rejects.toThrow(
    /^Another server \(process \d+\) is running on \S+; stop it, or set DATA_DIR\.$/,
  )
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

async function start(name: string): Promise<{ database: EmbeddedDatabase; pool: Pool }> {
  const database = await startEmbedded({ dataDir: join(folder, name), log })
  const started = { database, pool: openPool(database.databaseUrl, 2, 'test') }
  open.push(started)
  return started
}

/** Stops one before the end of its test. */
async function stop(database: EmbeddedDatabase): Promise<void> {
  const [found] = open.splice(
    open.findIndex((each) => each.database === database),
    1,
  )
  await found?.pool.end()
  await database.stop()
}

async function backendPid(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]?.pid ?? 0
}
