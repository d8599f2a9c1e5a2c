import type { Application } from 'express'
import type { Pool } from '../db/pool.ts'

/** What the process can do at the moment; `start.ts` sets it. */
export type Readiness = { state: 'starting' | 'ready' | 'draining' }

/** `/healthz`: the process answers. `/readyz`: it can serve, so the database answers too. Both are for machines, and public. */
export function mountHealth(app: Application, pool: Pool, readiness: Readiness): void {
  app.get('/healthz', (_req, res) => {
    res.type('text/plain').send('ok\n')
  })
  app.get('/readyz', async (_req, res) => {
    const fault = readiness.state === 'ready' ? await databaseFault(pool) : readiness.state
    res
      .status(fault ? 503 : 200)
      .type('text/plain')
      .send(`${fault ?? 'ready'}\n`)
  })
}

async function databaseFault(pool: Pool): Promise<string | undefined> {
  try {
    await pool.query('SELECT 1')
    return undefined
  } catch {
    return 'the database does not answer'
  }
}
