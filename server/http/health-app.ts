import express, { type Application } from 'express'
import type { Pool } from '../db/pool.ts'
import { mountHealth, type Readiness } from './health.ts'
import { type Metrics, mountMetrics } from './metrics.ts'

/** What a process answers that only works: whether it is well, and its figures. */
export function createHealthApp(pool: Pool, readiness: Readiness, metrics: Metrics): Application {
  const app = express()
  app.disable('x-powered-by')
  mountHealth(app, pool, readiness)
  mountMetrics(app, metrics)
  return app
}
