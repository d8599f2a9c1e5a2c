import { rm } from 'node:fs/promises'
import { openLog } from '../log.ts'
import { startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { openPool, type Pool } from './pool.ts'
import { copyOfTemplate } from './test-template.ts'

export type TestDatabase = { pool: Pool; databaseUrl: string; stop(): Promise<void> }

const log = openLog('silent')

/** What many tests begin with, put there once in a run. */
export type Filling = { name: string; fill: (pool: Pool) => Promise<void> }

/** A real PostgreSQL of a test's own, with every migration run. `stop` leaves nothing behind. */
export async function startTestDatabase(connectionCountMax = 16, filling?: Filling): Promise<TestDatabase> {
  const name = filling ? `migrated-with-${filling.name}` : 'migrated'
  const dataDir = await copyOfTemplate(name, (folder) => migrateOnce(folder, filling))
  const database = await startEmbedded({ dataDir, log })
  const pool = openPool(database.databaseUrl, connectionCountMax, 'test')
  return {
    pool,
    databaseUrl: database.databaseUrl,
    async stop() {
      await pool.end()
      await database.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function migrateOnce(dataDir: string, filling?: Filling): Promise<void> {
  const database = await startEmbedded({ dataDir, log })
  const pool = openPool(database.databaseUrl, 1, 'test')
  await migrate(pool, log)
  await filling?.fill(pool)
  await pool.end()
  await database.stop()
}
