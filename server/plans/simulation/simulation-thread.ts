// A thread that does one simulation and ends. Whoever started it ends it sooner when it falls silent, or is not wanted any more.
import { parentPort, workerData } from 'node:worker_threads'
import { Refusal } from '../../core/fhir/outcome.ts'
import { openPool } from '../../db/pool.ts'
import { settleHere } from '../../expressions/expressions.ts'
import { keepPlanBook } from '../kept-plan-book.ts'
import type { ThreadGiven, ThreadSays } from './run-simulation.ts'
import { reportOf, simulate } from './simulate.ts'

const { databaseUrl, asked, codes } = workerData as ThreadGiven
const say = (what: ThreadSays) => parentPort?.postMessage(what)
const known = new Map(codes)
const pool = openPool(databaseUrl, 1, 'fylgje simulation')

try {
  const rooms = {
    pool,
    settle: settleHere,
    listCodes: async (valueSet: string) => known.get(valueSet),
    readBook: keepPlanBook(),
  }
  const simulated = await simulate(rooms, asked, { onProgress: async (progress) => say({ progress }) })
  say({ report: reportOf(simulated) })
} catch (error) {
  if (error instanceof Refusal) say({ refused: error.issues })
  else say({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) })
} finally {
  await pool.end()
}
