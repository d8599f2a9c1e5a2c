import { refuse } from '../core/fhir/outcome.ts'
import { createGather } from '../db/gather.ts'
import { atEnd, type Ending, isTransaction, prepared, type Queryable, type Tx } from '../db/pool.ts'
import { type SqlFragment, sql } from '../db/sql.ts'
import { isUnavailable } from '../db/unavailable.ts'
import { type Block, type Chain, nextBlock } from './block.ts'
import { createChains } from './chains.ts'
import { createFilings, type Filed } from './filing.ts'
import type { AuditRecord, Head } from './record.ts'

/** Writes down who did what. What it has not written down must not be answered. */
export type Audit = {
  /** Records that come at the same time are one row. Resolves once it is on disk. @throws Refusal transient */
  note(...records: AuditRecord[]): Promise<void>
  /**
   * Lets a statement write records in the same breath as what they tell of: both are kept, or neither.
   * @param db    the pool, where the statement stands alone, or the connection of an open transaction
   * @param write sends the statement with this part in its WITH; without a part where there is nothing to be told
   */
  within<T>(db: Queryable, records: AuditRecord[], write: (part: SqlFragment | undefined) => Promise<T>): Promise<T>
  /** Where the chains of this process are that have grown since this was asked before. */
  grown(): Head[]
  /** Puts down by what is found what this process has written since this was asked before. @param db the pool */
  file(db: Queryable): Promise<void>
}

/** Nothing is written down. For a measurement of what the audit costs, and for tests of other things. */
export const NO_AUDIT: Audit = {
  note: async () => {},
  within: (_db, _records, write) => write(undefined),
  grown: () => [],
  file: async () => {},
}

/**
 * A block costs as much as many records in it: PostgreSQL is woken, the disk too, and then all who wait. So while this process has other
 * work it gathers, and when it has none it waits no longer; who comes alone waits for nobody.
 */
const ROUNDS = { roundCountMax: 2, itemCountMax: 512, keyOf: () => undefined, patienceMillis: 2 }

export type AuditRooms = {
  /** Sends a statement that stands alone, by connections that wait for nobody else: who notes may hold another one meanwhile. */
  send: (statement: SqlFragment) => Promise<unknown>
  /** Told why something could not be noted. */
  onFailure: (error: unknown) => void
  /** Real time, whatever a demo's clock says. */
  now?: () => Date
}

/** The chain of an open transaction, and what was written on it there. */
type Held = { chain: Chain; written: Filed[] }

export function createAudit({ send, onFailure, now = () => new Date() }: AuditRooms): Audit {
  const chains = createChains()
  const filings = createFilings()
  const held = new WeakMap<Tx, Held>()

  const gather = createGather<AuditRecord[], void>(async (noted) => {
    const records = noted.flat()
    await alone(records, (block) => send(insertOf(block)))
    return noted.map(() => undefined)
  }, ROUNDS)

  /** In a statement that is a transaction by itself. */
  async function alone<T>(records: AuditRecord[], write: (block: Block) => Promise<T>): Promise<T> {
    const chain = chains.take(now())
    const block = nextBlock(chain, records, now())
    let ending: Ending = 'unknown'
    try {
      const result = await write(block)
      ending = 'committed'
      filings.add({ ...block, records })
      return result
    } catch (error) {
      if (isDatabaseError(error) && !isUnavailable(error)) ending = 'rolled-back'
      throw error
    } finally {
      chains.give(chain, block, ending)
    }
  }

  /** On the chain that is the transaction's until it ends. */
  async function inside<T>(tx: Tx, records: AuditRecord[], write: (part: SqlFragment) => Promise<T>): Promise<T> {
    const { chain, written } = held.get(tx) ?? hold(tx)
    const block = nextBlock(chain, records, now())
    const result = await write(blockPart(block))
    chain.block = block.block + 1
    chain.head = block.head
    written.push({ ...block, records })
    return result
  }

  function hold(tx: Tx): Held {
    const chain = chains.take(now())
    const own: Held = { chain: { ...chain }, written: [] }
    atEnd(tx, (ending) => {
      held.delete(tx)
      const last = own.chain.block > chain.block ? { block: own.chain.block - 1, head: own.chain.head } : undefined
      chains.give(chain, last, ending)
      if (ending === 'committed') for (const block of own.written) filings.add(block)
    })
    held.set(tx, own)
    return own
  }

  return {
    async note(...records) {
      try {
        await gather.add(records)
      } catch (error) {
        if (!isUnavailable(error)) onFailure(error)
        throw notWritten()
      }
    },
    within: (db, records, write) => {
      if (records.length === 0) return write(undefined)
      return isTransaction(db) ? inside(db, records, write) : alone(records, (block) => write(blockPart(block)))
    },
    grown: chains.grown,
    file: filings.write,
  }
}

/** PostgreSQL has answered, so it has decided. */
const isDatabaseError = (error: unknown): boolean => {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)
}

const notWritten = () =>
  refuse('transient', 'The audit cannot be written at the moment, and nothing is answered without it; try again.')

const insertOf = ({ month, chain, block, recordedAt, head, lines }: Block): SqlFragment => sql`
  INSERT INTO audit_block (month, chain, block, recorded_at, head, lines)
  VALUES (${month}::date, ${chain}::bigint, ${block}::int, ${recordedAt}::timestamptz, ${head}::text, ${lines}::text)`

const blockPart = (block: Block): SqlFragment => sql`audited AS (${insertOf(block)})`

/** Sends by the pool, where there are no connections apart. */
export const byPool =
  (pool: Queryable): AuditRooms['send'] =>
  (statement) =>
    pool.query(prepared(statement))
