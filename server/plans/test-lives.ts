import type { Pool } from '../db/pool.ts'

/** What a process says whose end has come; nothing that it does afterwards reaches the database. */
class Killed extends Error {}

/**
 * Lives of a process that is killed once at each statement of each kind of transaction, until one does all that there is to do: by turns
 * before the statement is sent, and when it is done and its answer has not come; a COMMIT both ways. A kind of transaction is told by the
 * texts of its statements so far, so what a life has got done does not keep the next from dying where it went on.
 * @param live begins anew: what a life knew beside the database is gone with it
 * @returns how many were killed
 */
export async function liveUntilDone(pool: Pool, live: (pool: Pool) => Promise<unknown>): Promise<number> {
  const deaths = new Set<string>()
  for (let killed = 0; killed < LIVES_MAX; killed++) {
    try {
      await live(mortal(pool, deaths))
      return killed
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
  }
  throw new Error(`${LIVES_MAX} lives were not enough`)
}
const LIVES_MAX = 2_000

/** As PostgreSQL sees a process that was killed: its connections are gone, whatever was open in them is rolled back. */
function mortal(pool: Pool, deaths: Set<string>): Pool {
  let isDead = false
  /** Whether it dies here, and when: noted, for nobody dies there again. */
  const deathAt = (place: string): 'before' | 'after' | undefined => {
    const ways = place.endsWith('COMMIT')
      ? (['before', 'after'] as const)
      : ([deaths.size % 2 ? 'after' : 'before'] as const)
    const way = ways.find((one) => !deaths.has(ways.length > 1 ? `${place} ${one}` : place))
    if (way) deaths.add(ways.length > 1 ? `${place} ${way}` : place)
    return way
  }
  const dying = (query: (...given: unknown[]) => unknown, end: () => Promise<void>) => {
    let place = ''
    return async (...given: unknown[]): Promise<unknown> => {
      if (isDead) throw new Killed()
      const text = textOf(given[0])
      place = text === 'BEGIN' ? text : `${place}\n${text}`
      const death = deathAt(place)
      if (!death) return query(...given)
      isDead = true
      if (death === 'after') await query(...given)
      // Once PostgreSQL has noticed: what was locked is free for the next life.
      await end()
      throw new Killed()
    }
  }
  return new Proxy(pool, {
    get(target, name) {
      if (name === 'query') return dying(target.query.bind(target) as never, async () => {})
      if (name !== 'connect') return Reflect.get(target, name)
      return async () => {
        const client = await target.connect()
        const query = dying(client.query.bind(client) as never, () => client.end())
        const others = { query, release: (broken?: Error) => client.release(isDead || broken) }
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

const textOf = (statement: unknown): string =>
  typeof statement === 'string' ? statement : String((statement as { text?: string }).text)
