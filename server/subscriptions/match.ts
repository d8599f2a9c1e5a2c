import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { reachOf } from '../access/reach.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Pool, prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { EVENT_COLUMNS, type FeedEvent, IS_READABLE, type Position } from '../outbox/feed.ts'
import type { Filter } from '../search/search-filter.ts'
import type { Store, VersionKey } from '../store/store.ts'
import type { Subscription, Watch } from './asked.ts'
import type { Bases } from './basis.ts'
import { type AskedBy, nameOfVersion } from './known-asked.ts'
import type { Life } from './life.ts'
import {
  claimCursor,
  endRow,
  type Matched,
  moveCursor,
  numberEvents,
  readRow,
  readWatching,
  removeRow,
  requestRow,
  type Watching,
} from './rows.ts'
import { basisOf } from './subscription-writes.ts'

export type MatchRooms = {
  pool: Pool
  store: Pick<Store, 'seen' | 'read'>
  bases: Pick<Bases, 'now'>
  askedBy: AskedBy
  life: Pick<Life, 'fail'>
  /** Told of what cannot be read any more; the others go on. */
  onBroken: (subscription: string, error: unknown) => void
}

export type MatchRound = {
  /** Events of the feed that were passed. */
  count: number
  /** How many events were given a number. */
  numbered: number
  /** There are Subscriptions that have come, changed or gone. */
  changed: boolean
  /** How many Subscriptions are told of what happens. */
  watching: number
  /** An event is committed but waits for a transaction that began before it. */
  waiting: boolean
}

/** Events of the feed in one round, of whatever kind. */
const EVENT_COUNT_MAX = 1_000
const READER = engineAccess('subscriptions')

/**
 * Reads on in the feed, and gives each event its number in each Subscription that it is for, all in one transaction: whatever happens to
 * this process, no event is left out or numbered twice. One process does it at a time.
 */
export async function matchEvents(rooms: MatchRooms): Promise<MatchRound> {
  const broken: Broken = new Map()
  const round = await inTransaction(rooms.pool, async (tx) => {
    const place = await claimCursor(tx)
    if (!place) return { count: 0, numbered: 0, changed: false, watching: 0, waiting: false }
    const { page, watching } = await readPage(rooms, tx, place, broken)
    const none = { count: 0, numbered: 0, changed: false, watching: watching.length }
    if (!page.last) return { ...none, waiting: await isWaiting(tx, place) }
    const own = page.events.filter(({ type }) => type === 'Subscription')
    const matched = await match(rooms, watching, page.events, broken)
    // All is asked before anything is written: what a transaction that has written holds up is the whole feed, for everybody.
    for (const event of own) await keepRow(rooms, tx, event)
    await numberEvents(tx, matched)
    await moveCursor(tx, place, page.last)
    const numbered = matched.reduce((sum, { events }) => sum + events.length, 0)
    return { count: page.count, numbered, changed: own.length > 0, watching: watching.length, waiting: false }
  })
  for (const [watcher, refusal] of broken) await failBroken(rooms, watcher, refusal)
  return round
}

/** Those that ask for what is not there any more, and why. */
type Broken = Map<Watcher, Refusal>

/** One that cannot be asked about is in error, and the others go on: its owner and the operator are told, once. */
async function failBroken({ pool, life, onBroken }: MatchRooms, watcher: Watcher, refusal: Refusal): Promise<void> {
  if (watcher.status === 'error') return
  onBroken(watcher.id, refusal)
  try {
    const row = await readRow(pool, watcher.id)
    // Written anew meanwhile, it asks for something else.
    if (row?.version === watcher.version) await life.fail(row, `It cannot be understood any more: ${refusal.message}`)
  } catch (error) {
    // The next round comes to it again.
    onBroken(watcher.id, error)
  }
}

/** Whether it is for whoever asked to mend it: what is not to be had for a while is asked for again. */
const isOfTheAsker = (error: unknown): error is Refusal => error instanceof Refusal && error.status < 500

type Page = { events: FeedEvent[]; last: Position | undefined; count: number }

/**
 * The next page of the feed, and who was active when it was read or before: whoever is active before something is written is told of it.
 */
async function readPage(
  rooms: MatchRooms,
  tx: Tx,
  place: Position,
  broken: Broken,
): Promise<{ page: Page; watching: Watcher[] }> {
  const typesOf = (all: Watcher[]) => new Set(all.flatMap(({ watches }) => watches.map(({ type }) => type)))
  let types = typesOf(await readWatchers(rooms, tx, broken))
  for (;;) {
    const page = await readTypes(tx, place, ['Subscription', ...types])
    const watching = await readWatchers(rooms, tx, broken)
    const needed = typesOf(watching)
    if (needed.isSubsetOf(types)) return { page, watching }
    types = needed
  }
}

type Watcher = Omit<Watching, 'content'> & { watches: Watch[] }

/** Whose content is not read is understood by what was known before, whoever forgets it meanwhile. */
async function readWatchers({ askedBy }: MatchRooms, tx: Tx, broken: Broken): Promise<Watcher[]> {
  const known = askedBy.known()
  const rows = await readWatching(tx, [...known.keys()])
  broken.clear()
  return rows.map((row) => {
    const { id, version, basis, status } = row
    const watcher = { id, version, basis, status }
    try {
      return { ...watcher, watches: (known.get(nameOfVersion(row)) ?? askedBy(row)).watches }
    } catch (error) {
      // By a fault of ours nothing is passed over.
      if (!isOfTheAsker(error)) throw error
      const blind = { ...watcher, watches: [] }
      broken.set(blind, error)
      return blind
    }
  })
}

type PageRow = FeedEvent & { last_xid: string; last_seq: string; passed: number }

async function readTypes(tx: Tx, { xid, seq }: Position, types: string[]): Promise<Page> {
  const { rows } = await tx.query<PageRow>(
    prepared(sql`
      WITH page AS MATERIALIZED (
             SELECT ${EVENT_COLUMNS} FROM event WHERE (xid, seq) > (${xid}::xid8, ${seq}::bigint) AND ${IS_READABLE}
              ORDER BY xid, seq LIMIT ${EVENT_COUNT_MAX}),
           last AS (SELECT xid AS last_xid, seq AS last_seq, (SELECT count(*)::int FROM page) AS passed
                      FROM page ORDER BY xid DESC, seq DESC LIMIT 1)
      SELECT p.*, last.* FROM last LEFT JOIN page p ON p.type = ANY (${types}::text[]) ORDER BY p.xid, p.seq`),
  )
  const [first] = rows
  if (!first) return { events: [], last: undefined, count: 0 }
  const events = rows.filter((row) => row.seq !== null)
  return { events, last: { xid: first.last_xid, seq: first.last_seq }, count: first.passed }
}

/** In order, though any would do: by EXISTS, PostgreSQL goes through all that ever happened, since a third of it might be later. */
async function isWaiting(tx: Tx, { xid, seq }: Position): Promise<boolean> {
  const { rows } = await tx.query(
    prepared(sql`SELECT FROM event WHERE (xid, seq) > (${xid}::xid8, ${seq}::bigint) ORDER BY xid, seq LIMIT 1`),
  )
  return rows.length > 0
}

/** What a caller has written of a Subscription; what we have written ourselves is in the row already. */
async function keepRow({ store, askedBy, onBroken }: MatchRooms, tx: Tx, event: FeedEvent): Promise<void> {
  if (event.actor === READER.actor) return
  if (event.interaction === 'delete') return removeRow(tx, event.id)
  try {
    const { text = '{}', versionId } = await store.read(READER, 'Subscription', event.id)
    const subscription = JSON.parse(text) as Resource & Subscription
    const basis = basisOf(subscription)
    const row = { id: event.id, version: versionId, content: text }
    if (basis === undefined) return await endRow(tx, row)
    await requestRow(tx, { ...row, basis, channel: askedBy(row).channel })
  } catch (error) {
    // Deleted or changed again meanwhile: that is an event of its own.
    if (!(error instanceof Refusal)) throw error
    onBroken(event.id, error)
  }
}

/** Subscriptions that ask the same with the same access are asked about once. */
type Question = { access: Access; watch: Watch; watchers: Watcher[] }

async function match(rooms: MatchRooms, watching: Watcher[], events: FeedEvent[], broken: Broken): Promise<Matched[]> {
  const types = new Set(events.map(({ type }) => type))
  const questions = new Map<string, Question>()
  for (const one of watching) {
    const watches = one.watches.filter(({ type }) => types.has(type))
    if (watches.length === 0) continue
    const basis = await rooms.bases.now(one.basis)
    if (!('access' in basis)) continue
    for (const watch of watches) {
      const seesAll = reachOf(basis.access, watch.type, 's').kind === 'all'
      const whose = seesAll && !watch.query.filters.some(asksOthers) ? 'all' : one.basis
      const name = JSON.stringify([whose, watch.type, [...watch.interactions], watch.query.understood])
      const question = questions.get(name) ?? { access: basis.access, watch, watchers: [] }
      question.watchers.push(one)
      questions.set(name, question)
    }
  }
  const found = new Map<string, Set<FeedEvent>>()
  for (const { access, watch, watchers } of questions.values()) {
    const answers = await answer(rooms, access, watch, events).catch((error: unknown) => {
      if (!isOfTheAsker(error)) throw error
      for (const watcher of watchers) broken.set(watcher, error)
      return []
    })
    if (answers.length === 0) continue
    for (const { id } of watchers) {
      const all = found.get(id) ?? new Set()
      for (const event of answers) all.add(event)
      found.set(id, all)
    }
  }
  // In the order of the feed, whichever question found them; one by one in the order of their ids, so that rows are locked in one order.
  return [...found]
    .map(([subscription, all]) => ({ subscription, events: events.filter((event) => all.has(event)) }))
    .sort((a, b) => (a.subscription < b.subscription ? -1 : 1))
}

/** Whether it depends on what one may see of other resources, too. */
function asksOthers(filter: Filter): boolean {
  switch (filter.kind) {
    case 'chain':
    case 'has':
    case 'terms':
      return true
    case 'not':
      return asksOthers(filter.filter)
    case 'all':
    case 'any':
      return filter.filters.some(asksOthers)
    default:
      return false
  }
}

/** Which of these the access sees, and the search finds. Of a deletion that is asked of the version before it. */
async function answer(
  { store }: Pick<MatchRooms, 'store'>,
  access: Access,
  { type, interactions, query }: Watch,
  events: FeedEvent[],
): Promise<FeedEvent[]> {
  const asked = events.filter((event) => event.type === type && interactions.has(event.interaction))
  if (asked.length === 0) return []
  const seen = await store.seen(access, { query, letter: 's' }, asked.map(judgedBy))
  const names = new Set(seen.map(nameOf))
  return asked.filter((event) => names.has(nameOf(judgedBy(event))))
}

/** The version by which it is judged who may be told of an event. */
export const judgedBy = ({
  bucket,
  rk,
  version,
  interaction,
}: Pick<FeedEvent, 'bucket' | 'rk' | 'version' | 'interaction'>): VersionKey => ({
  ...{ bucket, rk },
  version: interaction === 'delete' ? version - 1 : version,
})

export const nameOf = ({ bucket, rk, version }: VersionKey): string => `${bucket} ${rk} ${version}`
