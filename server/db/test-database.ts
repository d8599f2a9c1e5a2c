import { rm } from 'node:fs/promises'
import { openLog } from '../log.ts'
import { startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { openPool, type Pool } from './pool.ts'
import { copyOfTemplate } from './test-template.ts'

export type TestDatabase = { pool: Pool; databaseUrl: string; stop(): Promise<void> }

const log = openLog('silent')

/** A real PostgreSQL of a test's own, with every migration run. `stop` leaves nothing behind. */
export async function startTestDatabase(connectionCountMax = 16): Promise<TestDatabase> {
  const dataDir = await copyOfTemplate('migrated', migrateOnce)
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

async function migrateOnce(dataDir: string): Promise<void> {
  const database = await startEmbedded({ dataDir, log })
  const pool = openPool(database.databaseUrl, 1, 'test')
  await migrate(pool, log)
  await pool.end()
  await database.stop()
}
