import { NO_AUDIT } from '../audit/audit.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { createGather, type Gather } from '../db/gather.ts'
import { inTransaction, type Pool, prepared, type Queryable, type Tx } from '../db/pool.ts'
import { isUnavailable } from '../db/unavailable.ts'
import { inTurns } from '../turns.ts'
import { admitAfterwards, isDecidedBefore } from './admission.ts'
import { ChangeRefusal, keyOf } from './change.ts'
import { attempt, type Decision, decide, decideCreate, type WriteItem } from './decide.ts'
import { recordOfWrite } from './record-of-write.ts'
import { databaseAway, isPassing } from './refusals.ts'
import type { StoreRooms } from './rooms.ts'
import { hasLongText, writeStatement } from './statements.ts'
import { type Version, withheldText } from './version.ts'

export type Writer = {
  write(item: WriteItem): Promise<Version>
  writeAll(items: WriteItem[]): Promise<Version[]>
  writeIn(tx: Tx, items: WriteItem[]): Promise<Version[]>
  /** `work` in a transaction of its own; once more, from the start, when another was in its way. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>
}

/** Two rounds: one waits for the disk while the next is prepared. 256 items fill a statement well (measured: 33,000 rows/s). */
const ROUNDS = { roundCountMax: 2, itemCountMax: 256 }
/** Rows in one statement: building one of thousands would keep all others waiting. */
const ROW_COUNT_MAX = 256

export function createWriter(rooms: StoreRooms, nextKey: () => string): Writer {
  const gather: Gather<WriteItem, Decision> = createGather((items) => commitTogether(rooms, nextKey, items), {
    ...ROUNDS,
    keyOf: ({ change }) => keyOf(change),
  })

  return {
    async write(item) {
      const decision = await gather.add(item)
      if ('refusal' in decision) throw decision.refusal
      return versionOf(decision)
    },
    async writeAll(items) {
      const versions =
        items.length <= ROW_COUNT_MAX && items.every((item) => isPlainCreate(rooms, item))
          ? await createAll(rooms, nextKey, items)
          : await inTransactionWithRetry(rooms.pool, (tx) => writeIn(rooms, nextKey, tx, items))
      rooms.onCommit()
      return versions
    },
    writeIn: (tx, items) => writeIn(rooms, nextKey, tx, items),
    async transact(work) {
      const result = await inTransactionWithRetry(rooms.pool, work)
      rooms.onCommit()
      return result
    },
  }
}

async function writeIn(rooms: StoreRooms, nextKey: () => string, tx: Tx, items: WriteItem[]): Promise<Version[]> {
  const decisions = await decide(rooms, nextKey, tx, items)
  throwFirstRefusal(decisions)
  await writeRows(rooms, tx, decisions)
  await checkAfterwards(rooms, tx, decisions)
  return decisions.map(versionOf)
}

/** All or nothing, where nothing that is stored needs to be looked at: one statement is a transaction by itself. */
async function createAll(rooms: StoreRooms, nextKey: () => string, items: WriteItem[]): Promise<Version[]> {
  const decisions = await inTurns(items, (item) => attempt(() => decideCreate(rooms, nextKey, rooms.pool, item)))
  throwFirstRefusal(decisions)
  await writeRows(rooms, rooms.pool, decisions).catch((error) => {
    throw isUnavailable(error) ? databaseAway() : error
  })
  return decisions.map(versionOf)
}

function throwFirstRefusal(decisions: Decision[]): void {
  decisions.forEach((decision, i) => {
    if (!('refusal' in decision)) return
    const { refusal } = decision
    throw refusal instanceof Refusal ? new ChangeRefusal(i, refusal.issues, refusal.status) : refusal
  })
}

/** One round of the gather. When the statement as a whole fails, each item is tried alone, so that only the culprit fails. */
async function commitTogether(rooms: StoreRooms, nextKey: () => string, items: WriteItem[]): Promise<Decision[]> {
  try {
    const decisions = items.every((item) => isPlainCreate(rooms, item))
      ? await commitCreates(rooms, nextKey, items)
      : await inTransaction(rooms.pool, async (tx) => {
          const decided = await decide(rooms, nextKey, tx, items)
          await writeRows(rooms, tx, decided)
          await checkAfterwards(rooms, tx, decided)
          return decided
        })
    rooms.onCommit()
    return decisions
  } catch (error) {
    if (isUnavailable(error)) throw databaseAway()
    if (items.length === 1) return [await retryAlone(rooms, nextKey, items[0] as WriteItem, error)]
    const alone: Decision[] = []
    for (const item of items) {
      alone.push(
        await commitTogether(rooms, nextKey, [item]).then(
          ([one]) => one as Decision,
          (refusal) => ({ refusal }),
        ),
      )
    }
    return alone
  }
}

async function retryAlone(
  rooms: StoreRooms,
  nextKey: () => string,
  item: WriteItem,
  first: unknown,
): Promise<Decision> {
  if (!isPassing(first)) return { refusal: first }
  try {
    const [version] = await inTransactionWithRetry(rooms.pool, (tx) => writeIn(rooms, nextKey, tx, [item]))
    rooms.onCommit()
    return { answer: version as Version }
  } catch (refusal) {
    return { refusal }
  }
}

/** Creates need to look at nothing that is stored: one statement, and no transaction around it but its own. */
async function commitCreates(rooms: StoreRooms, nextKey: () => string, items: WriteItem[]): Promise<Decision[]> {
  const decisions = await inTurns(items, (item) => attempt(() => decideCreate(rooms, nextKey, rooms.pool, item)))
  await writeRows(rooms, rooms.pool, decisions)
  return decisions
}

const isPlainCreate = (rooms: StoreRooms, { access, change }: WriteItem) =>
  change.interaction === 'create' &&
  change.id === undefined &&
  change.unless === undefined &&
  isDecidedBefore(rooms, access, change.resource.resourceType)

/** More than one statement only inside a transaction; those who may not open one bring no more rows than that. */
async function writeRows({ audit = NO_AUDIT }: StoreRooms, db: Queryable, decisions: Decision[]): Promise<void> {
  const rows = decisions.flatMap((decision) => ('row' in decision ? [decision.row] : []))
  for (let from = 0; from < rows.length; from += ROW_COUNT_MAX) {
    const together = rows.slice(from, from + ROW_COUNT_MAX)
    await audit.within(db, together.map(recordOfWrite), (audited) => {
      const statement = writeStatement(together, audited)
      // With a long text among them it is another statement for each number of rows, which is not worth keeping.
      return db.query(hasLongText(together) ? statement : prepared(statement))
    })
  }
}

/** Throws away the whole transaction, in which the others of a round are tried again by themselves. @throws ChangeRefusal */
async function checkAfterwards(rooms: StoreRooms, tx: Tx, decisions: Decision[]): Promise<void> {
  for (const [i, decision] of decisions.entries()) {
    if (!('row' in decision) || !decision.row.afterwards) continue
    await admitAfterwards(rooms, tx, decision.row).catch((error: unknown) => {
      throw error instanceof Refusal ? new ChangeRefusal(i, error.issues, error.status) : error
    })
  }
}

function versionOf(decision: Decision): Version {
  if ('answer' in decision) return decision.answer
  if ('refusal' in decision) throw decision.refusal
  const { type, id, version, lastUpdated, interaction, text, isWithheld } = decision.row
  const shown = isWithheld && text !== undefined ? withheldText(text) : text
  return { type, id, versionId: version, lastUpdated, interaction, text: shown }
}

const RETRY_COUNT_MAX = 3

async function inTransactionWithRetry<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await inTransaction(pool, work)
    } catch (error) {
      if (isUnavailable(error)) throw databaseAway()
      if (!isPassing(error) || tries === RETRY_COUNT_MAX) throw error
    }
  }
}
