import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog } from '../log.ts'
import { startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { openPool, type Pool } from './pool.ts'

export type TestDatabase = { pool: Pool; databaseUrl: string; stop(): Promise<void> }

/** A real PostgreSQL of a test's own, with every migration run. `stop` leaves nothing behind. */
export async function startTestDatabase(connectionCountMax = 16): Promise<TestDatabase> {
  const log = openLog('silent')
  const dataDir = await mkdtemp(join(tmpdir(), 'fylgje-test-'))
  const database = await startEmbedded({ dataDir, log })
  const pool = openPool(database.databaseUrl, connectionCountMax, 'test')
  await migrate(pool, log)
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
