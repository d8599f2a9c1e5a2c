import type { CarePlan, Composition, Goal, Observation, PlanDefinition, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import {
  ACTIVITY_TYPES,
  type Activity,
  closingOf,
  followTurn,
  type Turn,
  turnOf,
} from '../core/decide/enrolment/enrolment-turn.ts'
import type { Changed } from '../core/decide/limits/limits-changed.ts'
import { isOpen } from '../core/decide/task/task-status.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { CLOSING, finalSummary } from '../lifecycle/final-summary.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import { codeToken, referenceToken, systemCodeToken, tokenHash } from '../search/token-hash.ts'
import type { Change } from '../store/store.ts'
import { createCarefulDuty } from './careful-duty.ts'
import { partitionOf } from './cursor.ts'
import { writeSetAside } from './decision-table.ts'
import { endsByItself, someEndByThemselves } from './ends-when.ts'
import { readChanged } from './facts.ts'
import type { KeeperRooms } from './keeper.ts'
import { claimKeeperCursor, ENROLMENTS, moveKeeperCursor, readFollowed } from './keeper-cursor.ts'
import { type PlanBook, standsStill } from './plan-book.ts'
import { noTimerChanges, noteTimer, type TimerChanges, writeTimers } from './timers.ts'

const KEEPER = engineAccess('plan-keeper')
/** How deep a chain of the engine's own consequences may go; see round.ts. */
const DEPTH_MAX = 8

/** Events in one transaction: most are plain enrolments, which cost nothing but their clock. */
const EVENT_COUNT_MAX = 100

/**
 * Follows what happens to enrolments: what ends takes its activities and Tasks with it and leaves a final summary, what pauses rests,
 * what has a period gets its clock. In one transaction with the keeper's place in the feed: each event is followed once, whenever
 * the process is killed.
 */
export const createEnrolmentKeeping = () => {
  let book: PlanBook | undefined
  return createCarefulDuty<KeeperRooms>({
    countMax: EVENT_COUNT_MAX,
    setAside: setAsideNext,
    async work(rooms, countMax) {
      for (;;) {
        const followed = await followNext(rooms, countMax, book)
        if (followed !== 'by other plans') return followed
        // Outside the transaction: to read it may need a connection of its own, and all might else wait for each other.
        book = await rooms.readBook(rooms.pool)
      }
    },
  })
}

/**
 * @param book as the plans were when it was read
 * @returns how many events were followed, or that the plans are others than those of the book
 */
async function followNext(
  rooms: KeeperRooms,
  countMax: number,
  book: PlanBook | undefined,
): Promise<number | 'by other plans'> {
  const followed = await inTransaction(rooms.pool, async (tx) => {
    const place = await claimKeeperCursor(tx, ENROLMENTS)
    const events = place ? await readFollowed(tx, ENROLMENTS, place, countMax) : []
    const last = events.at(-1)
    if (!last) return 0
    if (!book || !(await standsStill(tx, book))) return 'by other plans'
    const heard = events.filter(({ patient, depth }) => patient !== null && depth < DEPTH_MAX)
    const changed = await readChanged(tx, heard)
    const standing = await readStandingOf(tx, heard)
    const following = heard.map(
      (event, i): Following => ({
        ...{ rooms, tx, event, changed: changed[i] ?? {}, book },
        carePlan: standing.get(keyOf(event)) as CarePlan | undefined,
      }),
    )
    await holdRounds(tx, following)
    const timers = noTimerChanges()
    for (const { event, carePlan } of following) if (event.type === 'CarePlan') noteClosing(timers, event, carePlan)
    await writeTimers(tx, timers)
    for (const one of following) await follow(one)
    await moveKeeperCursor(tx, ENROLMENTS, last)
    return events.length
  })
  if (followed !== 'by other plans' && followed > 0) rooms.onCommit()
  return followed
}

async function setAsideNext({ pool, now, log }: KeeperRooms, error: Error): Promise<void> {
  log.error({ err: error }, 'the keeper of plans sets aside what it cannot follow')
  await inTransaction(pool, async (tx) => {
    const place = await claimKeeperCursor(tx, ENROLMENTS)
    const [event] = place ? await readFollowed(tx, ENROLMENTS, place, 1) : []
    if (!event) return
    await writeSetAside(tx, { kind: 'event', event }, error, now())
    await moveKeeperCursor(tx, ENROLMENTS, event)
  })
}

type Following = {
  rooms: KeeperRooms
  tx: Tx
  event: FeedEvent
  changed: Changed
  /** As it stands now. */
  carePlan: CarePlan | undefined
  book: PlanBook
}

/**
 * The engine's rounds for whoever's enrolment has ended wait until all is written: none of them shall make a Task for what is being closed.
 * Before the clocks and what is written, and in one order, as a round has its place in the feed before both: neither waits for the other
 * while that one waits for it.
 */
async function holdRounds(tx: Tx, following: Following[]): Promise<void> {
  const ended = following.filter((one) => turnNow(one)?.turn === 'ended')
  if (ended.length === 0) return
  const partitions = [...new Set(ended.map(({ event }) => partitionOf(event.bucket)))]
  await tx.query(
    prepared(sql`
      SELECT 1 FROM engine_cursor WHERE partition = ANY (${partitions}::smallint[]) ORDER BY partition FOR UPDATE`),
  )
}

/** The turn that an event tells of. What stands now decides; a later event speaks for itself. */
function turnNow({ event, changed, carePlan }: Following): { turn: Turn; before: CarePlan } | undefined {
  if (event.type !== 'CarePlan') return undefined
  const before = changed.previous as CarePlan | undefined
  const turn = turnOf(before, changed.current as CarePlan | undefined)
  return turn && before && carePlan?.status === changed.current?.status ? { turn, before } : undefined
}

async function follow(following: Following): Promise<void> {
  const { rooms, tx, event, carePlan, book } = following
  if (event.type === 'Goal') return completeOfGoal(rooms, tx, book, event)
  const now = turnNow(following)
  if (now) {
    const { turn, before } = now
    // Its end may have come while it was paused, when nobody asks: what is over does not go on first.
    if (turn === 'resumed' && carePlan && (await completeIfOver({ rooms, tx, book }, carePlan, event))) return
    await takeTurn(rooms, tx, event, turn, carePlan ?? { ...before, status: 'revoked' }, carePlan !== undefined)
  } else if (carePlan?.status === 'active') {
    await completeIfOver({ rooms, tx, book }, carePlan, event)
  }
}

async function completeOfGoal(rooms: KeeperRooms, tx: Tx, book: PlanBook, event: FeedEvent): Promise<void> {
  if (!someEndByThemselves(book)) return
  for (const carePlan of await readActiveCarePlans(tx, String(event.patient))) {
    if ((carePlan.goal ?? []).some(({ reference }) => reference === `Goal/${event.id}`)) {
      await completeIfOver({ rooms, tx, book }, carePlan, event)
    }
  }
}

/** @param isThere false for a CarePlan that was deleted: what it has set going ends, but nothing is written about it */
async function takeTurn(
  rooms: KeeperRooms,
  tx: Tx,
  event: FeedEvent,
  turn: Turn,
  carePlan: CarePlan,
  isThere: boolean,
): Promise<void> {
  const patient = String(event.patient)
  const reference = `CarePlan/${event.id}`
  const activities = (await readBasedOn(tx, patient, [...ACTIVITY_TYPES], reference)) as unknown as Activity[]
  const tasks = (await readBasedOn(tx, patient, ['Task'], reference)) as unknown as Task[]
  const others = (await readOfPatient(tx, patient, 'CarePlan')) as unknown as CarePlan[]
  const followed = { carePlan, activities, openTasks: tasks.filter(isOpen), others, now: rooms.now() }
  const changed = followTurn(turn, followed).filter(({ resourceType }) => isThere || resourceType !== 'CarePlan')
  const changes = changed.map((one): Change => {
    const resource = one as unknown as Resource
    return { interaction: 'update', resource, id: String(one.id), ifMatch: Number(one.meta?.versionId) || undefined }
  })
  const summary = turn === 'ended' && isThere ? await summarise(rooms, tx, carePlan, patient, tasks, changed) : []
  if (changes.length + summary.length === 0) return
  await rooms.store.writeIn(tx, KEEPER, [...changes, ...summary], { depth: event.depth + 1 })
  if (summary.length > 0) await putDownToFile(tx, String(carePlan.id), rooms.now())
}

/** The report is filed by whoever makes pages of documents: with the report it is put down, or neither is. */
async function putDownToFile(tx: Tx, carePlan: string, now: Date): Promise<void> {
  await tx.query(
    prepared(sql`
      INSERT INTO report_to_file (care_plan, next_at) VALUES (${carePlan}, ${now.toISOString()}::timestamptz)
      ON CONFLICT (care_plan) DO UPDATE SET state = 'waiting', attempts = 0, next_at = excluded.next_at, reason = NULL`),
  )
}

async function summarise(
  { now }: KeeperRooms,
  tx: Tx,
  carePlan: CarePlan,
  patient: string,
  tasks: Task[],
  changed: { resourceType: string; id?: string }[],
): Promise<Change[]> {
  if (carePlan.status === 'entered-in-error' || (await hasSummary(tx, patient, String(carePlan.id)))) return []
  const after = new Map(changed.map((one) => [`${one.resourceType}/${one.id}`, one]))
  const closed = (after.get(`CarePlan/${carePlan.id}`) as CarePlan | undefined) ?? carePlan
  const goalIds = new Set((carePlan.goal ?? []).map(({ reference }) => reference))
  const goals = (await readOfPatient(tx, patient, 'Goal')).filter(({ id }) => goalIds.has(`Goal/${id}`))
  const composition: Composition = finalSummary({
    carePlan: closed,
    plan: await titleOf(tx, carePlan),
    goals: goals as unknown as Goal[],
    observations: (await readMeasured(tx, patient, closed)) as unknown as Observation[],
    tasks: tasks.map((task) => (after.get(`Task/${task.id}`) as Task | undefined) ?? task),
    decisionCount: await countDecisions(tx, patient, String(carePlan.id)),
    now: now(),
  })
  return [{ interaction: 'create', resource: composition as unknown as Resource }]
}

/** The clock of the period's end, or none. */
function noteClosing(changes: TimerChanges, event: FeedEvent, carePlan: CarePlan | undefined): void {
  const about = `CarePlan/${event.id}`
  const dueAt = closingOf(carePlan)
  const place = { patient: String(event.patient), partition: partitionOf(event.bucket) }
  if (dueAt) noteTimer(changes, { act: 'set', timer: { kind: 'closing', about, name: 'period', dueAt } }, place)
  else noteTimer(changes, { act: 'clear', kind: 'closing', about }, place)
}

/** Its own plan may say that it is over: `ends-when` is true. @returns whether it is completed by that */
async function completeIfOver(
  { rooms, tx, book }: { rooms: KeeperRooms; tx: Tx; book: PlanBook },
  carePlan: CarePlan,
  event: FeedEvent,
): Promise<boolean> {
  const over = await endsByItself(rooms, tx, { carePlan, patient: event.patient ?? '', book })
  if (over.length > 0) await rooms.store.writeIn(tx, KEEPER, over, { depth: event.depth + 1 })
  return over.some(({ interaction }) => interaction === 'update')
}

const keyOf = ({ bucket, rk }: Pick<FeedEvent, 'bucket' | 'rk'>) => `${bucket} ${rk}`

/** What the events are about, as it stands now; without what was deleted. */
async function readStandingOf(tx: Tx, events: FeedEvent[]): Promise<Map<string, Resource>> {
  const { rows } = await tx.query<{ bucket: number; rk: string; content: string }>(
    prepared(sql`
      SELECT r.bucket, r.rk, r.content
        FROM (SELECT DISTINCT * FROM unnest(${events.map((e) => e.bucket)}::smallint[], ${events.map((e) => e.rk)}::bigint[])) e(bucket, rk)
        JOIN resource r USING (bucket, rk) WHERE NOT r.deleted`),
  )
  return new Map(rows.map((row) => [keyOf(row), JSON.parse(row.content) as Resource]))
}

async function readOfPatient(tx: Tx, patient: string, type: string): Promise<Resource[]> {
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`SELECT content FROM resource WHERE patient = ${patient} AND type = ${type} AND NOT deleted`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Resource)
}

const readActiveCarePlans = async (tx: Tx, patient: string): Promise<CarePlan[]> =>
  ((await readOfPatient(tx, patient, 'CarePlan')) as unknown as CarePlan[]).filter(({ status }) => status === 'active')

/** What says of itself that it is based on the CarePlan, oldest first. Found by the patient and the index of references. */
async function readBasedOn(tx: Tx, patient: string, types: string[], reference: string): Promise<Resource[]> {
  const hashes = types.map((type) => tokenHash(referenceToken(`${type}.basedOn`, reference)))
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE patient = ${patient} AND type = ANY (${types}::text[]) AND NOT deleted AND tokens && ${hashes}::bigint[]
       ORDER BY rk`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Resource)
}

/** More than a year of four measures a day; of a longer enrolment the newest. */
const MEASURED_COUNT_MAX = 2_000

async function readMeasured(tx: Tx, patient: string, { period }: CarePlan): Promise<Resource[]> {
  const since = new Date(period?.start ?? 0)
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE patient = ${patient} AND type = 'Observation' AND NOT deleted
         AND date_low >= ${(Number.isNaN(since.getTime()) ? new Date(0) : since).toISOString()}::timestamptz
       ORDER BY date_low DESC NULLS LAST, rk DESC LIMIT ${MEASURED_COUNT_MAX}`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Resource).reverse()
}

/** As the plan calls itself, in the version that was followed. */
async function titleOf(tx: Tx, { instantiatesCanonical = [], title }: CarePlan): Promise<string> {
  const [url = '', version] = (instantiatesCanonical[0] ?? '').split('|')
  const hash = tokenHash(codeToken('PlanDefinition.url', url))
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE type = 'PlanDefinition' AND NOT deleted AND tokens @> ARRAY[${hash}]::bigint[] ORDER BY rk`),
  )
  const plans = rows.map(({ content }) => JSON.parse(content) as PlanDefinition).filter((plan) => plan.url === url)
  const plan = plans.find((one) => one.version === version) ?? plans[0]
  return [plan?.title ?? title ?? url, version ?? plan?.version].filter(Boolean).join(' ')
}

async function countDecisions(tx: Tx, patient: string, carePlan: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    prepared(sql`
      SELECT ((SELECT count(*) FROM decision WHERE patient = ${patient} AND care_plan = ${carePlan})
              + coalesce((SELECT decision_count FROM decision_pruned WHERE care_plan = ${carePlan}), 0))::int AS count`),
  )
  return rows[0]?.count ?? 0
}

async function hasSummary(tx: Tx, patient: string, carePlan: string): Promise<boolean> {
  const token = tokenHash(systemCodeToken('Composition.identifier', CLOSING, `CarePlan/${carePlan}`))
  const { rows } = await tx.query(
    prepared(sql`
      SELECT 1 FROM resource
       WHERE patient = ${patient} AND type = 'Composition' AND NOT deleted AND tokens && ARRAY[${token}]::bigint[] LIMIT 1`),
  )
  return rows.length > 0
}
