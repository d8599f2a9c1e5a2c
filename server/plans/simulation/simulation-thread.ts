// A thread that does simulations, one at a time. Whoever gave it one ends it when it falls silent, or is not wanted any more.
import { parentPort } from 'node:worker_threads'
import { Refusal } from '../../core/fhir/outcome.ts'
import { openPool } from '../../db/pool.ts'
import { settleHere } from '../../expressions/expressions.ts'
import { keepPlanBook } from '../kept-plan-book.ts'
import type { ThreadGiven, ThreadSays } from './run-simulation.ts'
import { reportOf, simulate } from './simulate.ts'

const say = (what: ThreadSays) => parentPort?.postMessage(what)

/** Of the database of the last simulation: what has not changed there since need not be read and compiled again. */
let kept = { databaseUrl: '', readBook: keepPlanBook() }

parentPort?.on('message', async (given: ThreadGiven) => say(await answerTo(given)))

/** Its connection is closed when it answers, so that none is held while the thread rests. */
async function answerTo({ databaseUrl, asked, codes }: ThreadGiven): Promise<ThreadSays> {
  if (kept.databaseUrl !== databaseUrl) kept = { databaseUrl, readBook: keepPlanBook() }
  const { readBook } = kept
  const known = new Map(codes)
  const pool = openPool(databaseUrl, 1, 'fylgje simulation')
  try {
    const rooms = { pool, settle: settleHere, listCodes: async (valueSet: string) => known.get(valueSet), readBook }
    const simulated = await simulate(rooms, asked, { onProgress: async (progress) => say({ progress }) })
    return { report: reportOf(simulated) }
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.issues }
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  } finally {
    await pool.end()
  }
}
