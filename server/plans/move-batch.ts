import type { CarePlan, Goal, ServiceRequest, Task } from '@medplum/fhirtypes'
import { inTransaction, prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Resource } from '../fhir/resource.ts'
import { isToMove, type Move, moveBack, moveCarePlan } from '../lifecycle/move.ts'
import { moveActivities } from '../lifecycle/plan-diff.ts'
import type { Change, Version } from '../store/store.ts'
import { createCarefulDuty } from './careful-duty.ts'
import type { KeeperRooms } from './keeper.ts'
import { tellProgress } from './move-progress.ts'
import type { MoveItem, MoveRow, MoveState, WrittenChange } from './moves.ts'
import { onBehalfOf } from './on-behalf-of.ts'
import { type PlanBook, readPlanBook } from './plan-book.ts'
import { noTimerChanges, noteTimer, writeTimers } from './timers.ts'

/** Enrolments in one transaction: a batch is there as a whole or not at all, and a killed process goes on with the next. */
const BATCH_COUNT_MAX = 50

/** Does the moves that were asked for, one batch at a time; what cannot be moved is told and does not hold up the others. */
export const createMoveKeeping = () =>
  createCarefulDuty<KeeperRooms>({ countMax: BATCH_COUNT_MAX, work: workNext, setAside: setAsideNext })

/** @returns how many enrolments were worked on, and one more for the end of a move */
async function workNext(rooms: KeeperRooms, countMax: number): Promise<number> {
  const worked = await inTransaction(rooms.pool, async (tx) => {
    const move = await claimMove(tx)
    if (!move) return 0
    const forward = move.state === 'moving'
    const items = await claimItems(tx, move, countMax)
    if (items.length > 0) {
      const batch = { rooms, tx, move, book: await readPlanBook(tx, '') }
      for (const item of items) await (forward ? moveOne(batch, item) : moveOneBack(batch, item))
    }
    const state: MoveState = items.length === countMax ? move.state : forward ? 'moved' : 'undone'
    await tellProgress(rooms, tx, { ...move, state })
    return items.length + 1
  })
  if (worked > 0) rooms.onCommit()
  return worked
}

/** The next enrolment of the move stays where it is, and the reason with it. */
async function setAsideNext(rooms: KeeperRooms, error: Error): Promise<void> {
  rooms.log.error({ err: error }, 'the keeper of plans cannot move an enrolment')
  await inTransaction(rooms.pool, async (tx) => {
    const move = await claimMove(tx)
    const [item] = move ? await claimItems(tx, move, 1) : []
    if (!move || !item) return
    const batch = { rooms, tx, move, book: await readPlanBook(tx, '') }
    await mark(batch, item, move.state === 'moving' ? 'skipped' : 'kept', { why: error.message })
  })
}

type Batch = { rooms: KeeperRooms; tx: Tx; move: MoveRow; book: PlanBook }

async function claimMove(tx: Tx): Promise<MoveRow | undefined> {
  const { rows } = await tx.query<MoveRow>(
    prepared(sql`
      SELECT id, from_plans, to_plan, requested_by, reason, state FROM plan_migration
       WHERE state IN ('moving', 'undoing') ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED`),
  )
  return rows[0]
}

async function claimItems(tx: Tx, { id, state }: MoveRow, countMax: number): Promise<MoveItem[]> {
  const waiting = state === 'moving' ? 'waiting' : 'moved'
  const { rows } = await tx.query<MoveItem>(
    prepared(sql`
      SELECT care_plan, patient, changes FROM plan_migration_item
       WHERE migration = ${id} AND state = ${waiting} ORDER BY care_plan LIMIT ${countMax}`),
  )
  return rows
}

const toMove = ({ from_plans, to_plan }: MoveRow): Move => ({ from: from_plans, to: to_plan })

async function moveOne(batch: Batch, item: MoveItem): Promise<void> {
  const { tx, move, book } = batch
  const carePlan = await readCarePlan(tx, item)
  if (!carePlan || !isToMove(carePlan, toMove(move))) {
    return mark(batch, item, 'skipped', { why: 'It has ended, or has been moved meanwhile.' })
  }
  const from = move.from_plans.find((canonical) => carePlan.instantiatesCanonical?.includes(canonical))
  const [before, after] = [book.find(from ?? ''), book.find(move.to_plan)]
  const requests = before && after ? moveActivities(await readRequests(tx, item), before, after) : []
  const changed = [{ before: carePlan, after: moveCarePlan(carePlan, toMove(move)) }, ...requests]
  const versions = await write(
    batch,
    changed.map(({ after: resource }) => resource),
  )
  await restartClocks(tx, item)
  const changes = versions.map(({ type, id, versionId }, i): WrittenChange => {
    return { type, id, before: Number(changed[i]?.before.meta?.versionId), after: versionId }
  })
  await mark(batch, item, 'moved', { changes })
}

async function moveOneBack(batch: Batch, item: MoveItem): Promise<void> {
  const { tx, move } = batch
  const now = await readCarePlan(tx, item)
  const [ofCarePlan, ...others] = item.changes
  const before = ofCarePlan && (await readVersion(tx, item.patient, ofCarePlan))
  const back = now && before && moveBack(now, before as unknown as CarePlan, toMove(move))
  if (!back) return mark(batch, item, 'kept', { why: 'It has been moved on since.' })
  const restored = await Promise.all(others.map((change) => restore(tx, item.patient, change)))
  await write(batch, [back, ...restored.flatMap((one) => one ?? [])])
  await restartClocks(tx, item)
  const touched = others.filter((_, i) => restored[i] === undefined).map(({ type, id }) => `${type}/${id}`)
  await mark(
    batch,
    item,
    'undone',
    touched.length > 0 ? { why: `Changed since, and left so: ${touched.join(', ')}` } : {},
  )
}

/** An activity as it was before; undefined where somebody has changed it since. */
async function restore(tx: Tx, patient: string, change: WrittenChange): Promise<Resource | undefined> {
  const { rows } = await tx.query<{ version: number }>(
    prepared(sql`
      SELECT version FROM resource
       WHERE patient = ${patient} AND type = ${change.type} AND id = ${change.id} AND NOT deleted`),
  )
  return rows[0]?.version === change.after ? readVersion(tx, patient, change) : undefined
}

async function readVersion(
  tx: Tx,
  patient: string,
  { type, id, before }: WrittenChange,
): Promise<Resource | undefined> {
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT v.content FROM resource r JOIN resource_version v USING (bucket, rk)
       WHERE r.patient = ${patient} AND r.type = ${type} AND r.id = ${id} AND v.version = ${before} AND v.content IS NOT NULL`),
  )
  return rows[0] && (JSON.parse(rows[0].content) as Resource)
}

/** The engine sets them anew when it hears of the CarePlan: by the periods of the version that now governs. */
async function restartClocks(tx: Tx, { care_plan }: MoveItem): Promise<void> {
  const changes = noTimerChanges()
  noteTimer(changes, { act: 'clear', kind: 'rule', about: `CarePlan/${care_plan}` }, { partition: 0 })
  await writeTimers(tx, changes)
}

async function write({ rooms, tx, move }: Batch, resources: object[]): Promise<Version[]> {
  const changes = resources.map((one): Change => {
    const resource = one as Resource
    return { interaction: 'update', resource, id: String(resource.id) }
  })
  return rooms.store.writeIn(tx, onBehalfOf({ actor: move.requested_by }), changes, { depth: 1 })
}

type Mark = { why?: string; changes?: WrittenChange[] }

async function mark(
  { tx, move }: Batch,
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

async function readCarePlan(tx: Tx, { patient, care_plan }: MoveItem): Promise<CarePlan | undefined> {
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE patient = ${patient} AND type = 'CarePlan' AND id = ${care_plan} AND NOT deleted FOR UPDATE`),
  )
  return rows[0] && (JSON.parse(rows[0].content) as CarePlan)
}

const readRequests = async (tx: Tx, item: MoveItem): Promise<ServiceRequest[]> =>
  basedOn(
    (await readOfPatient(tx, item.patient, ['ServiceRequest'], true)) as unknown as ServiceRequest[],
    item.care_plan,
  )

const basedOn = <T extends ServiceRequest | Task>(resources: T[], carePlan: string): T[] =>
  resources.filter(({ basedOn: by }) => by?.some(({ reference }) => reference === `CarePlan/${carePlan}`))

async function readOfPatient(db: Queryable, patient: string, types: string[], lock: boolean): Promise<Resource[]> {
  const { rows } = await db.query<{ content: string }>(
    lock
      ? sql`SELECT content FROM resource WHERE patient = ${patient} AND type = ANY (${types}::text[]) AND NOT deleted FOR UPDATE`
      : sql`SELECT content FROM resource WHERE patient = ${patient} AND type = ANY (${types}::text[]) AND NOT deleted`,
  )
  return rows.map(({ content }) => JSON.parse(content) as Resource)
}

/** What a move would change for one person is worked out from this. */
export async function readEnrolled(db: Queryable, patient: string, carePlan: CarePlan) {
  const read = await readOfPatient(db, patient, ['Goal', 'Task', 'ServiceRequest'], false)
  const of = <T>(type: string) => read.filter(({ resourceType }) => resourceType === type) as unknown as T[]
  return {
    carePlan,
    goals: of<Goal>('Goal'),
    openTasks: basedOn(of<Task>('Task'), String(carePlan.id)),
    serviceRequests: basedOn(of<ServiceRequest>('ServiceRequest'), String(carePlan.id)),
  }
}
