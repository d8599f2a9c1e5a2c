import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { type EmbeddedDatabase, startEmbedded } from '../db/embedded.ts'
import { openLog } from '../log.ts'
import { freePort, runServer } from './harness/start-server.ts'

let folder: string
/** As another server would hold it. */
let running: EmbeddedDatabase
let taken: Server
let takenPort: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fylgje-fails-'))
  running = await startEmbedded({ dataDir: join(folder, 'running'), log: openLog('silent') })
  taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const address = taken.address()
  takenPort = address && typeof address === 'object' ? address.port : 0
})

afterAll(async () => {
  taken.close()
  await running.stop()
  await rm(folder, { recursive: true, force: true })
})

type Failure = [reason: string, env: () => Promise<{ [name: string]: string }>, line: RegExp]

const FAILURES: Failure[] = [
  [
    'the port is taken',
    async () => ({ PORT: String(takenPort) }),
    /^Port \d+ is in use by another program; stop it, or set PORT\.$/,
  ],
  [
    'the port is no number',
    async () => ({ PORT: 'http' }),
    /^PORT must be a whole number from 1 to 65535; it is "http"\.$/,
  ],
  [
    'the address is another machine',
    async () => ({ HOST: '192.0.2.1', DEMO: 'off' }),
    /^HOST 192\.0\.2\.1 is no address of this machine\.$/,
  ],
  [
    'demo mode would be open to others',
    async () => ({ HOST: '0.0.0.0' }),
    /^HOST is 0\.0\.0\.0, .+ set DEMO=off, or DEMO=on if you mean it\.$/,
  ],
  [
    'DATABASE_URL is no URL',
    async () => ({ DATABASE_URL: 'database' }),
    /^DATABASE_URL must be postgres:\/\/\S+; it is something else\.$/,
  ],
  [
    'nothing answers at DATABASE_URL',
    async () => ({ DATABASE_URL: `postgres://me:geheim@127.0.0.1:${await freePort()}/x` }),
    /^DATABASE_URL: nothing answers as PostgreSQL at 127\.0\.0\.1:\d+\. Is it started\?$/,
  ],
  [
    'the password in DATABASE_URL is wrong',
    async () => ({ DATABASE_URL: databaseUrl((url) => (url.password = 'geheim')) }),
    /^DATABASE_URL: PostgreSQL at \S+ refuses the user fylgje or its password\.$/,
  ],
  [
    'the database in DATABASE_URL does not exist',
    async () => ({ DATABASE_URL: databaseUrl((url) => (url.pathname = '/nowhere')) }),
    /^DATABASE_URL: PostgreSQL at \S+ has no database nowhere\.$/,
  ],
  ['DATA_DIR is a file', async () => ({ DATA_DIR: await fileAt('file') }), /^DATA_DIR \S+ is not a folder; /],
  [
    'DATA_DIR cannot be made',
    async () => ({ DATA_DIR: '/proc/fylgje' }),
    /^DATA_DIR \/proc\/fylgje cannot be written to \(\w+\); /,
  ],
  [
    'another server runs on DATA_DIR',
    async () => ({ DATA_DIR: join(folder, 'running') }),
    /^Another server \(process \d+\) is running on \S+; stop it, or set DATA_DIR\.$/,
  ],
  [
    'DATA_DIR is of another PostgreSQL',
    async () => ({ DATA_DIR: await dataDirOfVersion('17') }),
    /^The database in \S+ is of PostgreSQL 17, this version of Fylgje brings 18; /,
  ],
]

test.each(FAILURES)('%s: one clear line, and not 0', async (_reason, env, line) => {
  const { code, stdout, stderr } = await runServer({ env: { DATA_DIR: join(folder, 'data'), ...(await env()) } })
  expect(stderr.trim()).toMatch(line)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).not.toContain('geheim')
  expect(code).toBe(1)
  expect(stdout).not.toContain('ready at')
})

test('several settings at fault: a line for each', async () => {
  const { code, stderr } = await runServer({ env: { PORT: '0', ROLE: 'both', LOG_LEVEL: 'loud' } })
  expect(
    stderr
      .trim()
      .split('\n')
      .map((line) => line.split(' ', 1)[0]),
  ).toEqual(['PORT', 'ROLE', 'LOG_LEVEL'])
  expect(code).toBe(1)
})

test('the database is of a newer version: one clear line, and not 0; nothing is changed', async () => {
  const dataDir = join(folder, 'newer')
  const database = await startEmbedded({ dataDir, log: openLog('silent') })
  const client = new pg.Client(database.databaseUrl)
  await client.connect()
  await client.query(
    `CREATE TABLE migration (number integer, name text, checksum text, applied_at timestamptz DEFAULT now())`,
  )
  await client.query(`INSERT INTO migration VALUES (9999, '9999-from-tomorrow.sql', '')`)

  const { code, stderr } = await runServer({ env: { DATABASE_URL: database.databaseUrl } })
  expect(stderr.trim()).toMatch(
    /^The database has migration 9999-from-tomorrow\.sql, which this version .+ newer one\. .+$/,
  )
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(code).toBe(1)
  const { rows } = await client.query(
    'SELECT count(*)::int AS count FROM information_schema.tables WHERE table_schema = $1',
    ['public'],
  )
  expect(rows).toEqual([{ count: 1 }])
  await client.end()
  await database.stop()
})

/** The running database, under a changed address. */
function databaseUrl(change: (url: URL) => void): string {
  const url = new URL(running.databaseUrl)
  change(url)
  return url.href
}

async function fileAt(name: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, '')
  return path
}

async function dataDirOfVersion(version: string): Promise<string> {
  const dataDir = join(folder, `data-${version}`)
  await mkdir(join(dataDir, 'postgres'), { recursive: true })
  await writeFile(join(dataDir, 'postgres/PG_VERSION'), `${version}\n`)
  return dataDir
}
