import type { Pool } from '../db/pool.ts'

/** What a process says whose end has come; nothing that it does afterwards reaches the database. */
class Killed extends Error {}

/** Each life gets so many statements further than the one before. */
const STEP = 4

/**
 * Lives of a process that is killed at its first statement, its fifth, and so on, until one does all that there is to do. By turns before
 * the statement is sent, and when it is done and its answer has not come, a COMMIT among them.
 * @param live begins anew: what a life knew beside the database is gone with it
 * @returns how many were killed
 */
export async function liveUntilDone(pool: Pool, live: (pool: Pool) => Promise<unknown>): Promise<number> {
  for (let killed = 0; killed < LIVES_MAX; killed++) {
    try {
      await live(mortal(pool, { statement: 1 + STEP * killed, isDone: killed % 2 === 1 }))
      return killed
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
  }
  throw new Error(`${LIVES_MAX} lives were not enough`)
}
const LIVES_MAX = 1_000

type Death = { statement: number; isDone: boolean }

/** As PostgreSQL sees a process that was killed: its connections are gone, whatever was open in them is rolled back. */
function mortal(pool: Pool, death: Death): Pool {
  let count = 0
  const dying =
    (query: (...given: unknown[]) => unknown, end: () => Promise<void>) =>
    async (...given: unknown[]): Promise<unknown> => {
      count += 1
      if (count < death.statement) return query(...given)
      if (count === death.statement) {
        if (death.isDone) await query(...given)
        // Once PostgreSQL has noticed: what was locked is free for the next life.
        await end()
      }
      throw new Killed()
    }
  return new Proxy(pool, {
    get(target, name) {
      if (name === 'query') return dying(target.query.bind(target) as never, async () => {})
      if (name !== 'connect') return Reflect.get(target, name)
      return async () => {
        const client = await target.connect()
        const query = dying(client.query.bind(client) as never, () => client.end())
        const others = { query, release: (broken?: Error) => client.release(count >= death.statement || broken) }
        return new Proxy(client, {
          get: (of, key) => {
            if (key in others) return others[key as keyof typeof others]
            const value = Reflect.get(of, key)
            return typeof value === 'function' ? value.bind(of) : value
          },
        })
      }
    },
  })
}
