import pg from 'pg'
import type { Sql } from './sql.ts'

/** What a query can be put to: the pool, or one connection inside a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>
export type Pool = pg.Pool
/** A connection with an open transaction. Only `inTransaction` makes one. */
export type Tx = pg.PoolClient & { readonly inTransaction: true }

// bigint comes as text: row keys and positions in the change feed have 64 bits, a JavaScript number has 53.

// Times travel as text in ISO 8601; the session's zone must not show in them. With PostgreSQL's 4 MB of work_mem the
// matches of a common code, 200,000 of 1,000,000, are kept by page only and looked at twice.
export const sessionOptions = '-c timezone=UTC -c search_path=public -c work_mem=16MB'

export function openPool(databaseUrl: string, connectionCountMax: number, applicationName: string): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: connectionCountMax,
    application_name: applicationName,
    options: sessionOptions,
    connectionTimeoutMillis: 10_000,
    // What is asked before an answer has come goes out at once: see `together`.
    pipeline: true,
  })
  // An idle connection that dies (a restarted database) is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => {})
  // Nor does one that dies as it is handed over: what PostgreSQL says last may be read in one breath with what it answered before, and
  // who gets the connection listens a moment later. Their first question fails, and tells them.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

const statementNames = new Map<string, string>()
const STATEMENT_COUNT_MAX = 2000

/**
 * The statement as one that PostgreSQL parses and plans once per connection. For texts of our own that come again and again;
 * beyond a bound on their number they go unnamed.
 */
export function prepared({ text, values }: Sql): pg.QueryConfig {
  const known = statementNames.get(text)
  if (known) return { name: known, text, values }
  if (statementNames.size >= STATEMENT_COUNT_MAX) return { text, values }
  const name = `s${statementNames.size}`
  statementNames.set(text, name)
  return { name, text, values }
}

/** How a transaction ended. `unknown`: the connection was lost while it was being committed. */
export type Ending = 'committed' | 'rolled-back' | 'unknown'
const endings = new WeakMap<object, ((ending: Ending) => void)[]>()

/** Whether this is a connection with an open transaction. */
export const isTransaction = (db: Queryable): db is Tx => endings.has(db)

/** Calls `listener` once the transaction has ended, before its connection is given back. */
export function atEnd(tx: Tx, listener: (ending: Ending) => void): void {
  endings.get(tx)?.push(listener)
}

/** Runs `work` between BEGIN and COMMIT. Whatever it throws is thrown on, after ROLLBACK. */
export const inTransaction = <T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> =>
  inTransactionOpenedWith(pool, async () => {}, work)

/**
 * The same, where the first questions go out in one breath with BEGIN. The only place that says BEGIN.
 * @param opening what is asked first. It reads and locks, and writes nothing: were BEGIN to fail, it would stand alone
 */
export async function inTransactionOpenedWith<Opened, T>(
  pool: Pool,
  opening: (tx: Tx) => Promise<Opened>,
  work: (tx: Tx, opened: Opened) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  const tx = client as Tx
  const listeners: ((ending: Ending) => void)[] = []
  endings.set(client, listeners)
  let ending: Ending = 'rolled-back'
  let broken: Error | undefined
  // A connection that dies between two statements tells so by an event; without a listener it would end the process.
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    const [, opened] = await together(tx, () => [client.query('BEGIN'), opening(tx)])
    const result = await work(tx, opened)
    ending = 'unknown'
    const { command } = await client.query('COMMIT')
    // What a statement has failed in is rolled back, even by COMMIT.
    ending = command === 'ROLLBACK' ? 'rolled-back' : 'committed'
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError
    })
    throw error
  } finally {
    endings.delete(client)
    for (const listener of listeners) listener(ending)
    client.off('error', onError)
    client.release(broken)
  }
}

/**
 * Asks several things of one transaction without waiting between them: statements that are sent at once share a round trip, and
 * PostgreSQL works at one while the next is made. They are answered in the order in which they were sent.
 * @param ask begins all of them
 * @returns their results, once each has ended: nothing that goes on alone is sent after ROLLBACK
 * @throws what failed first. What comes after it in the transaction fails because of it, and may be told of it sooner
 */
export async function together<const T extends readonly unknown[]>(
  tx: Tx,
  ask: () => readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const { stream } = tx.connection
  const failures: { reason: unknown }[] = []
  stream.cork()
  let asked: readonly Promise<unknown>[]
  try {
    asked = ask()
  } finally {
    stream.uncork()
  }
  const results = await Promise.all(
    asked.map((one) =>
      one.catch((reason: unknown) => {
        failures.push({ reason })
      }),
    ),
  )
  const [first] = failures
  if (first) throw (failures.find(({ reason }) => !isOfFailedTransaction(reason)) ?? first).reason
  return results as unknown as T
}

/** `in_failed_sql_transaction`: refused because of what failed before it, of which it says nothing. */
const isOfFailedTransaction = (reason: unknown): boolean =>
  typeof reason === 'object' && reason !== null && 'code' in reason && reason.code === '25P02'
