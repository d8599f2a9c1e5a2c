import type { Access } from '../access/access.ts'
import { restored } from '../access/address/restore.ts'
import { withholdingOf } from '../access/address/withholding.ts'
import type { AuditedRequest } from '../audit/record.ts'
import { namesVersion } from '../core/fhir/etag.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { inTurns } from '../turns.ts'
import { admit, isReached } from './admission.ts'
import { type Change, typeOf } from './change.ts'
import { freshRow, textOf } from './fresh.ts'
import { mustBeAt, notAsSaid, outOfReach } from './refusals.ts'
import { parseServerId, type ResourceKey } from './resource-key.ts'
import type { StoreRooms } from './rooms.ts'
import type { Row } from './statements.ts'
import { findUnlessMatch } from './unless.ts'
import type { Version } from './version.ts'
import { findWithheld, mustStayWithheld } from './withheld-before.ts'

/** A change, who wants it, how deep in the engine's own consequences it is, and the request that it belongs to. */
export type WriteItem = { access: Access; change: Change; depth: number; request?: AuditedRequest | undefined }

/** What became of one change: a row to write, an answer without any write, or a refusal. */
export type Decision = { row: Row } | { answer: Version } | { refusal: unknown }

/** A row of `resource` that a change is about, locked until the transaction ends. */
type Existing = ResourceKey & {
  type: string
  id: string
  version: number
  last_updated: Date
  deleted: boolean
  patient: string | null
  tokens: string[]
  /** Of types whose changes have rules; else null, as of what is deleted. */
  content: string | null
}

/** What each change comes to. The rows that they are about are locked until the transaction ends. */
export async function decide(
  rooms: StoreRooms,
  nextKey: () => string,
  tx: Tx,
  items: WriteItem[],
): Promise<Decision[]> {
  const looked = [...(rooms.changeRules?.keys() ?? []), ...(rooms.guard?.types ?? [])]
  const existing = await lockExisting(tx, items, looked)
  return inTurns(items, (item) => decideOne(rooms, nextKey, tx, item, existing))
}

function decideOne(
  rooms: StoreRooms,
  nextKey: () => string,
  tx: Tx,
  item: WriteItem,
  existing: Map<string, Existing>,
): Decision | Promise<Decision> {
  const { change, access } = item
  switch (change.interaction) {
    case 'create': {
      const create = () => attempt(() => decideCreate(rooms, nextKey, tx, item))
      if (!change.unless) return create()
      return findUnlessMatch(rooms, tx, access, change.unless).then(
        (answer) => (answer ? { answer } : create()),
        (refusal: unknown) => ({ refusal }),
      )
    }
    case 'update': {
      const before = existing.get(`${typeOf(change)}/${change.id}`)
      const decision = attempt(() => decideUpdate(rooms, nextKey, tx, item, change, before))
      return then(decision, (decided) => guarded(rooms, tx, { access, before, after: change.resource }, decided))
    }
    case 'delete': {
      const before = existing.get(`${change.type}/${change.id}`)
      const decision = attempt(() => decideDelete(rooms, tx, item, change, before))
      return then(decision, (decided) => guarded(rooms, tx, { access, before, after: undefined }, decided))
    }
  }
}

type Guarded = { access: Access; before: Existing | undefined; after: Resource | undefined }

/** What would be written, once the guard has seen it beside what is stored. Most types have none. */
function guarded(
  { guard }: StoreRooms,
  tx: Tx,
  { access, before, after }: Guarded,
  decision: Decision,
): Decision | Promise<Decision> {
  if (!guard || !before?.content || before.deleted || !('row' in decision)) return decision
  return guard.admit(tx, { access, before: JSON.parse(before.content) as Resource, after }).then(
    () => decision,
    (refusal: unknown) => ({ refusal }),
  )
}

/** What can be decided at once is, so that a round of hundreds does not wait hundreds of times for nothing. */
type MaybeLater<T> = T | Promise<T>

const then = <T, R>(value: MaybeLater<T>, next: (value: T) => MaybeLater<R>): MaybeLater<R> =>
  value instanceof Promise ? value.then(next) : next(value)

export function attempt(decideIt: () => MaybeLater<Decision>): MaybeLater<Decision> {
  try {
    const decision = decideIt()
    return decision instanceof Promise ? decision.catch((refusal: unknown) => ({ refusal })) : decision
  } catch (refusal) {
    return { refusal }
  }
}

export function decideCreate(
  rooms: StoreRooms,
  nextKey: () => string,
  db: Queryable,
  { access, change, depth, request }: WriteItem,
): MaybeLater<Decision> {
  if (change.interaction !== 'create') throw new Error('only creates come here')
  const { resource, id } = change
  const row = freshRow(rooms, nextKey, { access, depth, request, resource, id })
  return then(besideOthers(rooms, db, access, resource), () => admitted(rooms, db, access, row, 'c'))
}

/** What is new, or is there again, held against what else is stored. @throws Refusal */
const besideOthers = ({ guard }: StoreRooms, db: Queryable, access: Access, resource: Resource): MaybeLater<void> =>
  guard?.types.includes(resource.resourceType) ? guard.admitBeside?.(db, access, resource) : undefined

function admitted(rooms: StoreRooms, db: Queryable, access: Access, row: Row, letter: 'c' | 'u'): MaybeLater<Decision> {
  return then(admit(rooms, db, access, letter, row), (afterwards) => ({
    row: afterwards ? { ...row, afterwards } : row,
  }))
}

function decideUpdate(
  rooms: StoreRooms,
  nextKey: () => string,
  db: Queryable,
  { access, depth, request }: WriteItem,
  { resource, id, ifMatch, ifNoneMatch }: Extract<Change, { interaction: 'update' }>,
  before: Existing | undefined,
): MaybeLater<Decision> {
  const type = resource.resourceType
  if (!before) {
    mustMatch(type, id, ifMatch, undefined)
    const row = freshRow(rooms, nextKey, { access, depth, request, resource, id })
    return then(besideOthers(rooms, db, access, resource), () => admitted(rooms, db, access, row, 'c'))
  }
  return then(isReached(rooms, db, access, 'u', before), (reached) => {
    // A caller who may not see it must not learn that it is there; the answer is the same as for a create that is not allowed.
    if (!reached) throw outOfReach(type, id)
    mustMatch(type, id, ifMatch, before)
    mustNotMatch(ifNoneMatch, before)
    const next = { access, depth, request, resource, id }
    // What was deleted and comes again is judged as what is new: there is nothing that it could be held against.
    if (before.deleted && rooms.guard?.types.includes(type)) rooms.guard.admitNew(access, resource)
    const again = before.deleted ? besideOthers(rooms, db, access, resource) : undefined
    return then(again, () => {
      if (withholdingOf(access)) return admittedWithWithheld(rooms, db, next, before)
      return admitted(rooms, db, access, nextRow(rooms, next, before), 'u')
    })
  })
}

/** The same for a caller from whom addresses are kept: what they could not see stays as it is. */
async function admittedWithWithheld(rooms: StoreRooms, db: Queryable, next: Next, before: Existing): Promise<Decision> {
  const { access } = next
  const stored = await findWithheld(rooms, db, access, before)
  if (!stored) return admitted(rooms, db, access, nextRow(rooms, next, before), 'u')
  const given = restored(next.resource, stored)
  const row = nextRow(rooms, { ...next, resource: given }, before)
  await mustStayWithheld(rooms, db, access, { row, stored, given })
  return admitted(rooms, db, access, { ...row, isWithheld: true }, 'u')
}

type Next = Omit<WriteItem, 'change'> & { resource: Resource; id: string }

/** The version that follows `before`. @throws Refusal what the rules of its type say */
function nextRow(rooms: StoreRooms, { resource, id, ...by }: Next, before: Existing): Row {
  const type = resource.resourceType
  if (before.content !== null) rooms.changeRules?.get(type)?.(JSON.parse(before.content) as Resource, resource)
  const version = before.version + 1
  const lastUpdated = laterThan(before.last_updated, rooms.now())
  const text = textOf(resource, id, version, lastUpdated)
  const index = rooms.index({ ...resource, id })
  const interaction = before.deleted ? 'create' : 'update'
  const relations = rooms.accessRows?.({ ...resource, id })
  return { ...nextOf(before, by), version, lastUpdated, interaction, text, index, relations }
}

function decideDelete(
  rooms: StoreRooms,
  db: Queryable,
  item: WriteItem,
  change: Extract<Change, { interaction: 'delete' }>,
  before: Existing | undefined,
): MaybeLater<Decision> {
  // What is not there, or was deleted before, or may not be seen: nothing to do, and the same answer.
  const reached = before !== undefined && isReached(rooms, db, item.access, 'd', before)
  return then(reached, (isSeen) => deletion(rooms, item, change, isSeen ? before : undefined))
}

function deletion(
  rooms: StoreRooms,
  { access, depth, request }: WriteItem,
  { type, id, ifMatch }: Extract<Change, { interaction: 'delete' }>,
  seen: Existing | undefined,
): Decision {
  const now = rooms.now()
  mustMatch(type, id, ifMatch, seen)
  if (!seen || seen.deleted) {
    return {
      answer: { type, id, versionId: seen?.version ?? 0, lastUpdated: now.toISOString(), interaction: 'delete' },
    }
  }
  return {
    row: {
      ...nextOf(seen, { access, depth, request }),
      version: seen.version + 1,
      lastUpdated: laterThan(seen.last_updated, now),
      interaction: 'delete',
      text: undefined,
      // The tokens stay, because they say who may learn that it was deleted; searches leave deleted rows out.
      index: { patient: seen.patient, dateLow: null, dateHigh: null, loinc: null, tokens: seen.tokens, side: {} },
    },
  }
}

/** What a further version has from the one before it. */
const nextOf = ({ bucket, rk, type, id }: Existing, by: Omit<WriteItem, 'change'>) => ({
  ...{ bucket, rk, type, id },
  ...by,
  placed: false,
  exists: true,
})

function mustMatch(type: string, id: string, ifMatch: number | undefined, before: Existing | undefined): void {
  if (before) mustBeAt({ type, id, versionId: before.version }, ifMatch)
  else if (ifMatch !== undefined) throw notAsSaid(`There is no ${type}/${id}, so it cannot be at version ${ifMatch}.`)
}

function mustNotMatch(ifNoneMatch: string | undefined, { type, id, version, deleted }: Existing): void {
  if (ifNoneMatch === undefined || deleted || !namesVersion(ifNoneMatch, version)) return
  throw notAsSaid(`${type}/${id} is there, at version ${version}; If-None-Match says that it must not be.`)
}

const laterThan = (before: Date, now: Date): string =>
  new Date(Math.max(now.getTime(), before.getTime() + 1)).toISOString()

/**
 * Locks the rows that the changes are about, in one order for all, so that two transactions never wait for each other.
 * @param typesWithContent types whose content is looked at
 */
async function lockExisting(tx: Tx, items: WriteItem[], typesWithContent: string[]): Promise<Map<string, Existing>> {
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
      SELECT r.bucket, r.rk, r.type, r.id, r.version, r.last_updated, r.deleted, r.patient, r.tokens,
             CASE WHEN r.type = ANY (${typesWithContent}::text[]) THEN r.content END AS content
        FROM resource r JOIN wanted w ON r.bucket = w.bucket AND r.rk = w.rk AND r.type = w.type AND r.id = w.id
       ORDER BY r.bucket, r.rk FOR UPDATE OF r`),
  )
  return new Map(rows.map((row) => [`${row.type}/${row.id}`, row]))
}
