import type { CarePlan } from '@medplum/fhirtypes'
import type { Proposed } from '../core/apply/edited-proposal.ts'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import { undecidedTask } from '../core/decide/task/trouble-task.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { isToMove, type Move, moveBack, moveCarePlan } from '../lifecycle/move.ts'
import { typeOf } from '../store/change.ts'
import type { Change } from '../store/store.ts'
import { createCarefulDuty } from './careful-duty.ts'
import { type ProposeEnrolment, toEnrolmentMove } from './enrolment-move.ts'
import type { KeeperRooms } from './keeper.ts'
import { tellProgress } from './move-progress.ts'
import {
  findCarePlan,
  isCreated,
  readCarePlan,
  readEnrolled,
  readGoals,
  readRequests,
  readVersion,
  type TakenBack,
  takeBack,
  toCreate,
  toUpdate,
  withActivitiesBack,
} from './moved-enrolment.ts'
import { type MoveItem, type MoveRow, type MoveState, versionLeft, type WrittenChange } from './moves.ts'
import { onBehalfOf } from './on-behalf-of.ts'
import { type PlanBook, standsStill } from './plan-book.ts'
import { noTimerChanges, noteTimer, writeTimers } from './timers.ts'

/** Enrolments in one transaction: a batch is there as a whole or not at all, and a killed process goes on with the next. */
const BATCH_COUNT_MAX = 50

/** How often in a row an enrolment may be another than it was looked at as, before it is treated as any that cannot be moved. */
const UNFORESEEN_COUNT_MAX = 5

/** Does the moves that were asked for, one batch at a time; what cannot be moved is told and does not hold up the others. */
export function createMoveKeeping() {
  let unforeseenCount = 0
  return createCarefulDuty<KeeperRooms>({
    countMax: BATCH_COUNT_MAX,
    setAside: setAsideNext,
    async work(rooms, countMax) {
      try {
        const worked = await workNext(rooms, countMax)
        unforeseenCount = 0
        return worked
      } catch (error) {
        if (!(error instanceof NotForeseen)) throw error
        unforeseenCount += 1
        if (unforeseenCount > UNFORESEEN_COUNT_MAX) throw error
        return 1
      }
    },
  })
}

/** @returns how many enrolments were worked on, and one more for the end of a move; one where the plans have changed since they were read */
async function workNext(rooms: KeeperRooms, countMax: number): Promise<number> {
  const ahead = await lookAhead(rooms, countMax)
  if (!ahead) return 0
  const worked = await inTransaction(rooms.pool, async (tx) => {
    const move = await claimMove(tx)
    if (!move) return 0
    const forward = move.state === 'moving'
    const items = await claimItems(tx, move, countMax)
    if (items.length > 0) {
      if (!(await standsStill(tx, ahead.book))) return 1
      const batch = { rooms, tx, move, ...ahead }
      const moving = await restartClocks(batch, items)
      for (const item of items) await (forward ? moveOne : moveOneBack)(batch, item, moving.has(item))
    }
    const state: MoveState = items.length === countMax ? move.state : forward ? 'moved' : 'undone'
    await tellProgress(rooms, tx, { ...move, state })
    return items.length + 1
  })
  if (worked > 0) rooms.onCommit()
  return worked
}

/** Something about an enrolment has changed since it was looked at: nothing was written, and it is looked at again. */
class NotForeseen extends Error {
  constructor() {
    super('It was another each time that it was looked at.')
  }
}

type Ahead = { book: PlanBook; propose: ProposeEnrolment }

/**
 * Reads what needs connections of its own, the plans with their value sets and what they propose for each patient, before a transaction holds
 * one: all the pool's connections might else wait for each other. What is written is worked out in the transaction, from what stands then.
 * @returns undefined where nothing is to be moved, or others are at it
 */
async function lookAhead(rooms: KeeperRooms, countMax: number): Promise<Ahead | undefined> {
  const { pool } = rooms
  const move = await claimMove(pool)
  if (!move) return undefined
  const book = await rooms.readBook(pool)
  const proposals = new Map<string, Promise<Proposed>>()
  const keyOf = (plan: string, patient: string) => JSON.stringify([plan, patient])
  const foresee: ProposeEnrolment = (plan, patient) => {
    const proposed = proposals.get(keyOf(plan, patient)) ?? rooms.propose(plan, patient)
    proposals.set(keyOf(plan, patient), proposed)
    return proposed
  }
  for (const item of move.state === 'moving' ? await claimItems(pool, move, countMax) : []) {
    const carePlan = await findCarePlan(pool, item)
    const versions = carePlan && versionsOf(carePlan, move, book)
    if (!carePlan || !versions) continue
    const enrolled = { carePlan, patient: item.patient, ...(await readEnrolled(pool, item.patient, carePlan)) }
    const own = { propose: foresee, newId: rooms.store.newId, now: rooms.now() }
    // What is wrong with one is told when it is moved.
    await toEnrolmentMove(own, enrolled, versions).catch(() => {})
  }
  return {
    book,
    propose: (plan, patient) => proposals.get(keyOf(plan, patient)) ?? Promise.reject(new NotForeseen()),
  }
}

/** The versions between which somebody is moved, where both are known. */
function versionsOf(
  carePlan: CarePlan,
  { to_plan, from_plans }: MoveRow,
  book: PlanBook,
): { from: CompiledPlan; to: CompiledPlan } | undefined {
  const to = book.find(to_plan)
  const from = to && versionLeft(carePlan, from_plans, to, book)
  return from && to && { from, to }
}

/** The next enrolment of the move stays where it is, and the reason with it. */
async function setAsideNext(rooms: KeeperRooms, error: Error): Promise<void> {
  rooms.log.error({ err: error }, 'the keeper of plans cannot move an enrolment')
  await inTransaction(rooms.pool, async (tx) => {
    const move = await claimMove(tx)
    const [item] = move ? await claimItems(tx, move, 1) : []
    if (!move || !item) return
    await mark({ tx, move }, item, move.state === 'moving' ? 'skipped' : 'kept', { why: error.message })
  })
}

type Batch = { rooms: KeeperRooms; tx: Tx; move: MoveRow } & Ahead

/** Locked until the transaction ends, where there is one. */
async function claimMove(tx: Queryable): Promise<MoveRow | undefined> {
  const { rows } = await tx.query<MoveRow>(
    prepared(sql`
      SELECT id, from_plans, to_plan, requested_by, reason, state FROM plan_migration
       WHERE state IN ('moving', 'undoing') ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED`),
  )
  return rows[0]
}

async function claimItems(tx: Queryable, { id, state }: MoveRow, countMax: number): Promise<MoveItem[]> {
  const waiting = state === 'moving' ? 'waiting' : 'moved'
  const { rows } = await tx.query<MoveItem>(
    prepared(sql`
      SELECT care_plan, patient, changes FROM plan_migration_item
       WHERE migration = ${id} AND state = ${waiting} ORDER BY care_plan LIMIT ${countMax}`),
  )
  return rows
}

const toMove = ({ from_plans, to_plan }: MoveRow): Move => ({ from: from_plans, to: to_plan })

/** @param isMoving its clocks are begun anew; so it must move */
async function moveOne(batch: Batch, item: MoveItem, isMoving: boolean): Promise<void> {
  const { tx, move, book, rooms } = batch
  const { patient } = item
  const carePlan = await readCarePlan(tx, item)
  const next = carePlan && isToMove(carePlan, toMove(move)) ? carePlan : undefined
  if (isMoving !== (next !== undefined)) throw new NotForeseen()
  if (!carePlan || !next) {
    return mark(batch, item, 'skipped', { why: 'It has ended, or has been moved meanwhile.' })
  }
  const versions = versionsOf(carePlan, move, book)
  const changes: Change[] = [toUpdate(moveCarePlan(carePlan, toMove(move)))]
  if (versions) {
    const { to } = versions
    const { newId } = rooms.store
    const own = { propose: batch.propose, newId, now: rooms.now() }
    const requests = await readRequests(tx, item)
    const enrolled = { carePlan, patient, requests, goals: await readGoals(tx, item) }
    const planned = await toEnrolmentMove(own, enrolled, versions)
    const added = planned.added.map(({ act, resource }) =>
      act === 'create' ? toCreate(rooms.validate(resource), String(resource.id)) : toUpdate(resource),
    )
    const told = planned.undecided.length > 0 ? [toldOf(planned.undecided, { carePlan, to, rooms })] : []
    changes[0] = toUpdate(moveCarePlan(planned.carePlan, toMove(move)))
    const goals = [
      ...planned.goals.made.map((goal) => toCreate(rooms.validate(goal as unknown as Resource), String(goal.id))),
      ...planned.goals.closed.map(({ after }) => toUpdate(after)),
    ]
    changes.push(...lastOfEach([...planned.moved.map(({ after }) => toUpdate(after)), ...added, ...goals, ...told]))
  }
  await mark(batch, item, 'moved', { changes: await write(batch, changes) })
}

/** What could not be decided about the new activities is somebody's to decide. */
function toldOf(
  problems: string[],
  { carePlan, to, rooms }: { carePlan: CarePlan; to: CompiledPlan; rooms: KeeperRooms },
): Change {
  const like = { resourceType: 'Task', for: carePlan.subject } as Resource
  const id = rooms.store.newId(like)
  const task = undecidedTask(id, { carePlan, plan: to }, problems, rooms.now())
  return toCreate(task as unknown as Resource, id)
}

/** What is moved and then shared with another plan's is written once, as it is at the end. */
function lastOfEach(changes: Change[]): Change[] {
  const byId = new Map(changes.map((change) => [JSON.stringify([typeOf(change), change.id]), change]))
  return [...byId.values()]
}

/** @param isMoving as of `moveOne` */
async function moveOneBack(batch: Batch, item: MoveItem, isMoving: boolean): Promise<void> {
  const { tx, rooms } = batch
  const back = await findBack(batch, item, await readCarePlan(tx, item))
  if (isMoving !== (back !== undefined)) throw new NotForeseen()
  if (!back) return mark(batch, item, 'kept', { why: 'It has been moved on since.' })
  const [, ...others] = item.changes
  const taking = { tx, item, now: rooms.now(), newId: rooms.store.newId }
  const taken: TakenBack[] = []
  // One after the other: a statement that fails leaves none behind that is sent after ROLLBACK.
  for (const change of others) taken.push(await takeBack(taking, change))
  const references = others.map(({ type, id }) => `${type}/${id}`)
  const added = new Set(references.filter((_, i) => others[i] && isCreated(others[i])))
  const replaced = new Map(references.flatMap((one, i) => (taken[i]?.replacedBy ? [[one, taken[i].replacedBy]] : [])))
  const changes = [withActivitiesBack(back, added, replaced)].map(toUpdate)
  await write(batch, [...changes, ...taken.flatMap(({ change }) => change ?? [])])
  const touched = references.filter((_, i) => taken[i]?.isLeft)
  await mark(
    batch,
    item,
    'undone',
    touched.length > 0 ? { why: `Changed since, and left so: ${touched.join(', ')}` } : {},
  )
}

/** The enrolment as it would be taken back; undefined where it has been moved on since, or has no version before. */
async function findBack(
  { tx, move }: Batch,
  { patient, changes: [ofCarePlan] }: MoveItem,
  now: CarePlan | undefined,
): Promise<CarePlan | undefined> {
  const before = ofCarePlan && (await readVersion(tx, patient, ofCarePlan))
  return now && before && moveBack(now, before as unknown as CarePlan, toMove(move))
}

/**
 * Drops the clocks of those who will be moved. The engine sets them anew when it hears of the CarePlans: by the periods of the version that
 * now governs. Before anything else is locked, as a round of the engine has its clocks before it writes: neither waits for the other
 * while that one waits for it.
 * @returns those who will be moved, if nothing changes until they are locked
 */
async function restartClocks(batch: Batch, items: MoveItem[]): Promise<ReadonlySet<MoveItem>> {
  const { tx, move } = batch
  const moving = new Set<MoveItem>()
  const changes = noTimerChanges()
  for (const item of items) {
    const carePlan = await findCarePlan(tx, item)
    const goes =
      move.state === 'moving'
        ? carePlan && isToMove(carePlan, toMove(move))
        : (await findBack(batch, item, carePlan)) !== undefined
    if (!goes) continue
    moving.add(item)
    noteTimer(changes, { act: 'clear', kind: 'rule', about: `CarePlan/${item.care_plan}` }, { partition: 0 })
  }
  await writeTimers(tx, changes)
  return moving
}

async function write({ rooms, tx, move }: Batch, changes: Change[]): Promise<WrittenChange[]> {
  const versions = await rooms.store.writeIn(tx, onBehalfOf({ actor: move.requested_by }), changes, { depth: 1 })
  return versions.map(({ type, id, versionId }) => ({ type, id, before: versionId - 1, after: versionId }))
}

type Mark = { why?: string; changes?: WrittenChange[] }

async function mark(
  { tx, move }: Pick<Batch, 'tx' | 'move'>,
  { care_plan }: MoveItem,
  state: string,
  { why, changes }: Mark,
): Promise<void> {
  await tx.query(
    prepared(sql`
      UPDATE plan_migration_item
         SET state = ${state}, why = ${why ?? null},
             changes = coalesce(${changes ? JSON.stringify(changes) : null}::jsonb, changes)
       WHERE migration = ${move.id} AND care_plan = ${care_plan}`),
  )
}
