import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../log.ts'
import { StartFailure } from '../start-failure.ts'
import { inTransaction, type Pool, type Tx } from './pool.ts'
import { sql } from './sql.ts'

const FOLDER = join(import.meta.dirname, 'migrations')
const POSTGRES_VERSION_MIN = 150000

type Migration = { number: number; name: string; text: string; checksum: string }

/**
 * Brings the database to the version of this code: every file of `migrations/` that it has not had, in order, all in one transaction.
 * Processes that start together wait for each other.
 * @param folder where the files are; tests give their own
 * @returns the names of the files that were run now
 * @throws StartFailure for a database of a newer version, a migration that was changed after it ran, a PostgreSQL older than 15
 */
export async function migrate(pool: Pool, log: Log, folder: string = FOLDER): Promise<string[]> {
  const migrations = await readMigrations(folder)
  return inTransaction(pool, async (tx) => {
    await checkPostgresVersion(tx)
    // Held until COMMIT. The number is only ours by being unlikely: "fylgje" read as base 36.
    await tx.query('SELECT pg_advisory_xact_lock(958428374)')
    await tx.query(`CREATE TABLE IF NOT EXISTS migration (
      number     integer     PRIMARY KEY,
      name       text        NOT NULL,
      checksum   text        NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now())`)
    const waiting = await withoutApplied(tx, migrations)
    for (const { number, name, text, checksum } of waiting) {
      log.debug({ migration: name }, 'migrating the database')
      await tx.query(text)
      await tx.query(sql`INSERT INTO migration (number, name, checksum) VALUES (${number}, ${name}, ${checksum})`)
    }
    return waiting.map(({ name }) => name)
  })
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}-.+\.sql$/.test(name)).sort()
  const migrations = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8')
      return { number: Number(name.slice(0, 4)), name, text, checksum: createHash('sha256').update(text).digest('hex') }
    }),
  )
  const twice = migrations.find(({ number }, i) => migrations[i + 1]?.number === number)
  if (twice) throw new Error(`Two migrations have the number of ${twice.name}.`)
  return migrations
}

async function checkPostgresVersion(tx: Tx): Promise<void> {
  const { rows } = await tx.query<{ number: string; name: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS name`,
  )
  if (Number(rows[0]?.number) < POSTGRES_VERSION_MIN) {
    throw new StartFailure(`The database is PostgreSQL ${rows[0]?.name}; Fylgje needs 15 or later.`)
  }
}

async function withoutApplied(tx: Tx, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await tx.query<Pick<Migration, 'number' | 'name' | 'checksum'>>(
    'SELECT number, name, checksum FROM migration ORDER BY number',
  )
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  for (const { number, name, checksum } of rows) {
    const ours = known.get(number)
    if (!ours) {
      throw new StartFailure(
        `The database has migration ${name}, which this version of Fylgje does not know: it was written by a newer one. Start that version, or restore a backup.`,
      )
    }
    if (ours.checksum !== checksum) {
      throw new StartFailure(
        `Migration ${name} has run on this database, but with another text than the one in this version of Fylgje. A migration is never changed after release; give this version a database of its own.`,
      )
    }
    known.delete(number)
  }
  return [...known.values()]
}
