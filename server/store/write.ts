import type { Access } from '../access/access.ts'
import { inTransaction, type Pool, prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { isUnavailable } from '../db/unavailable.ts'
import { Refusal } from '../fhir/outcome.ts'
import { type Change, ChangeRefusal, keyOf, typeOf } from './change.ts'
import { freshRow, textOf } from './fresh.ts'
import { createGather, type Gather } from './gather.ts'
import { isWithin } from './reach-sql.ts'
import { databaseAway, isPassing, outOfReach } from './refusals.ts'
import { parseServerId, type ResourceKey } from './resource-key.ts'
import type { StoreRooms } from './rooms.ts'
import { type Row, writeStatement } from './statements.ts'
import { findUnlessMatch } from './unless.ts'
import type { Version } from './version.ts'

/** A change, who wants it, and how deep in the engine's own consequences it is. */
export type WriteItem = { access: Access; change: Change; depth: number }

export type Writer = {
  write(item: WriteItem): Promise<Version>
  writeAll(items: WriteItem[]): Promise<Version[]>
  writeIn(tx: Tx, items: WriteItem[]): Promise<Version[]>
}

/** What became of one change: a row to write, an answer without any write, or a refusal. */
type Decision = { row: Row } | { answer: Version } | { refusal: unknown }

/** Two rounds: one waits for the disk while the next is prepared. 256 items fill a statement well (measured: 33,000 rows/s). */
const ROUNDS = { roundCountMax: 2, itemCountMax: 256 }

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
      const versions = items.every(isPlainCreate)
        ? await createAll(rooms, nextKey, items)
        : await inTransactionWithRetry(rooms.pool, (tx) => writeIn(rooms, nextKey, tx, items))
      rooms.onCommit()
      return versions
    },
    writeIn: (tx, items) => writeIn(rooms, nextKey, tx, items),
  }
}

async function writeIn(rooms: StoreRooms, nextKey: () => string, tx: Tx, items: WriteItem[]): Promise<Version[]> {
  const decisions = await decide(rooms, nextKey, tx, items)
  throwFirstRefusal(decisions)
  await writeRows(tx, decisions)
  return decisions.map(versionOf)
}

/** All or nothing, where nothing that is stored needs to be looked at: one statement is a transaction by itself. */
async function createAll(rooms: StoreRooms, nextKey: () => string, items: WriteItem[]): Promise<Version[]> {
  const decisions = items.map((item) => attempt(() => decideCreate(rooms, nextKey, item)))
  throwFirstRefusal(decisions)
  await writeRows(rooms.pool, decisions).catch((error) => {
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
    const decisions = items.every(isPlainCreate)
      ? await commitCreates(rooms, nextKey, items)
      : await inTransaction(rooms.pool, async (tx) => {
          const decided = await decide(rooms, nextKey, tx, items)
          await writeRows(tx, decided)
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
  const decisions = items.map((item) => attempt(() => decideCreate(rooms, nextKey, item)))
  await writeRows(rooms.pool, decisions)
  return decisions
}

const isPlainCreate = ({ change }: WriteItem) =>
  change.interaction === 'create' && change.id === undefined && change.unless === undefined

async function writeRows(db: Queryable, decisions: Decision[]): Promise<void> {
  const rows = decisions.flatMap((decision) => ('row' in decision ? [decision.row] : []))
  if (rows.length > 0) await db.query(prepared(writeStatement(rows)))
}

// --- deciding what each change comes to ---

/** A row of `resource` that a change is about, locked until the transaction ends. */
type Existing = ResourceKey & {
  type: string
  id: string
  version: number
  last_updated: Date
  deleted: boolean
  patient: string | null
  tokens: string[]
  content: string | null
}

async function decide(rooms: StoreRooms, nextKey: () => string, tx: Tx, items: WriteItem[]): Promise<Decision[]> {
  const existing = await lockExisting(tx, items)
  const decisions: Decision[] = []
  for (const item of items) {
    decisions.push(await decideOne(rooms, nextKey, tx, item, existing))
  }
  return decisions
}

async function decideOne(
  rooms: StoreRooms,
  nextKey: () => string,
  tx: Tx,
  item: WriteItem,
  existing: Map<string, Existing>,
): Promise<Decision> {
  const { change, access } = item
  switch (change.interaction) {
    case 'create': {
      if (!change.unless) return attempt(() => decideCreate(rooms, nextKey, item))
      const found = await findUnlessMatch(rooms, tx, access, change.unless).then(
        (answer) => ({ answer }),
        (refusal: unknown) => ({ refusal }),
      )
      if ('refusal' in found) return found
      return found.answer ? { answer: found.answer } : attempt(() => decideCreate(rooms, nextKey, item))
    }
    case 'update':
      return attempt(() => decideUpdate(rooms, nextKey, item, change, existing.get(`${typeOf(change)}/${change.id}`)))
    case 'delete':
      return attempt(() => decideDelete(rooms, item, change, existing.get(`${change.type}/${change.id}`)))
  }
}

function attempt(decideIt: () => Decision): Decision {
  try {
    return decideIt()
  } catch (refusal) {
    return { refusal }
  }
}

function decideCreate(rooms: StoreRooms, nextKey: () => string, { access, change, depth }: WriteItem): Decision {
  if (change.interaction !== 'create') throw new Error('only creates come here')
  return { row: freshRow(rooms, nextKey, { access, depth, resource: change.resource, id: change.id }) }
}

function decideUpdate(
  rooms: StoreRooms,
  nextKey: () => string,
  { access, depth }: WriteItem,
  { resource, id, ifMatch }: Extract<Change, { interaction: 'update' }>,
  before: Existing | undefined,
): Decision {
  const type = resource.resourceType
  mustMatch(type, id, ifMatch, before)
  if (!before) return { row: freshRow(rooms, nextKey, { access, depth, resource, id }) }
  const reach = rooms.reachOf(access, type, 'u')
  // A caller who may not see it must not learn that it is there; the answer is the same as for a create that is not allowed.
  if (!isWithin(reach, before)) throw outOfReach(type, id)
  const version = before.version + 1
  const lastUpdated = laterThan(before.last_updated, rooms.now())
  const text = textOf(resource, id, version, lastUpdated)
  const index = rooms.index({ ...resource, id })
  if (!isWithin(reach, index)) throw outOfReach(type, id)
  const interaction = before.deleted ? 'create' : 'update'
  return {
    row: {
      ...{ bucket: before.bucket, rk: before.rk, type, id, version, lastUpdated, interaction, text, index, depth },
      ...{ placed: false, exists: true, actor: access.actor },
    },
  }
}

function decideDelete(
  rooms: StoreRooms,
  { access, depth }: WriteItem,
  { type, id, ifMatch }: Extract<Change, { interaction: 'delete' }>,
  before: Existing | undefined,
): Decision {
  mustMatch(type, id, ifMatch, before)
  const now = rooms.now()
  const nothing: Version = {
    type,
    id,
    versionId: before?.version ?? 0,
    lastUpdated: now.toISOString(),
    interaction: 'delete',
  }
  // What is not there, or was deleted before, or may not be seen: nothing to do, and the same answer.
  if (!before || before.deleted || !isWithin(rooms.reachOf(access, type, 'd'), before)) return { answer: nothing }
  return {
    row: {
      ...{
        bucket: before.bucket,
        rk: before.rk,
        type,
        id,
        version: before.version + 1,
        interaction: 'delete' as const,
      },
      ...{ lastUpdated: laterThan(before.last_updated, now), text: undefined, depth, actor: access.actor },
      // The tokens stay, because they say who may learn that it was deleted; searches leave deleted rows out.
      index: { patient: before.patient, dateLow: null, dateHigh: null, tokens: before.tokens, side: {} },
      ...{ placed: false, exists: true },
    },
  }
}

function mustMatch(type: string, id: string, ifMatch: number | undefined, before: Existing | undefined): void {
  if (ifMatch === undefined || before?.version === ifMatch) return
  const diagnostics = before
    ? `${type}/${id} is at version ${before.version}, not ${ifMatch}. Read it again and repeat the change on what it is now.`
    : `There is no ${type}/${id}, so it cannot be at version ${ifMatch}.`
  throw new Refusal([{ severity: 'error', code: 'conflict', diagnostics }], 412)
}

const laterThan = (before: Date, now: Date): string =>
  new Date(Math.max(now.getTime(), before.getTime() + 1)).toISOString()

/** Locks the rows that the changes are about, in one order for all, so that two transactions never wait for each other. */
async function lockExisting(tx: Tx, items: WriteItem[]): Promise<Map<string, Existing>> {
  const wanted = items.flatMap(({ change }) =>
    change.interaction === 'create' ? [] : [{ type: typeOf(change), id: change.id }],
  )
  if (wanted.length === 0) return new Map()
  const keys = wanted.map(({ id }) => parseServerId(id))
  const { rows } = await tx.query<Existing>(
    prepared(sql`
      WITH wanted AS (
        SELECT w.type, w.id, coalesce(p.bucket, w.bucket) AS bucket, coalesce(p.rk, w.rk) AS rk
          FROM unnest(${wanted.map(({ type }) => type)}::text[], ${wanted.map(({ id }) => id)}::text[],
                      ${keys.map((key) => key?.bucket ?? null)}::smallint[], ${keys.map((key) => key?.rk ?? null)}::bigint[])
               AS w(type, id, bucket, rk)
          LEFT JOIN placed_id p ON p.type = w.type AND p.id = w.id)
      SELECT r.bucket, r.rk, r.type, r.id, r.version, r.last_updated, r.deleted, r.patient, r.tokens, NULL AS content
        FROM resource r JOIN wanted w ON r.bucket = w.bucket AND r.rk = w.rk AND r.type = w.type AND r.id = w.id
       ORDER BY r.bucket, r.rk FOR UPDATE OF r`),
  )
  return new Map(rows.map((row) => [`${row.type}/${row.id}`, row]))
}

function versionOf(decision: Decision): Version {
  if ('answer' in decision) return decision.answer
  if ('refusal' in decision) throw decision.refusal
  const { type, id, version, lastUpdated, interaction, text } = decision.row
  return { type, id, versionId: version, lastUpdated, interaction, text }
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
