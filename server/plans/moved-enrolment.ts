import type { CarePlan, Goal, Task } from '@medplum/fhirtypes'
import { steered } from '../core/decide/plan/steer.ts'
import { isOpen, mayBecome, type TaskStatus } from '../core/decide/task/task-status.ts'
import { toOsloClock } from '../core/decide/time/oslo-time.ts'
import { REASONS } from '../core/decide/words/reasons.ts'
import { toldAs } from '../core/decide/words/told.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { phaseOf, STEERED_TYPES } from '../core/requests/activity-life.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Change } from '../store/store.ts'
import { OPEN_TASK_HASHES } from './facts.ts'
import type { MoveItem, WrittenChange } from './moves.ts'

/** What a move changes, ends or orders anew, and what its enrolment itself is kept in. */
const MOVED_TYPES = STEERED_TYPES.filter((type) => type !== 'CarePlan' && type !== 'RequestGroup')

/** The CarePlan of an enrolment, locked. */
export const readCarePlan = (tx: Tx, item: MoveItem): Promise<CarePlan | undefined> =>
  findCarePlan(tx, item, sql`FOR UPDATE`)

/** The same, as it stands now. */
export async function findCarePlan(
  db: Queryable,
  { patient, care_plan }: MoveItem,
  lock = sql``,
): Promise<CarePlan | undefined> {
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE patient = ${patient} AND type = 'CarePlan' AND id = ${care_plan} AND NOT deleted ${lock}`),
  )
  return rows[0] && (JSON.parse(rows[0].content) as CarePlan)
}

/** The patient's requests, locked: other plans' too, for what is asked for already is asked for once. Of Tasks those that are open, or of this enrolment. */
export async function readRequests(tx: Tx, { patient, care_plan }: MoveItem): Promise<Resource[]> {
  return readOfPatient(tx, { patient, carePlan: care_plan, types: MOVED_TYPES, lock: true })
}

/** The patient's Goals, locked. */
export async function readGoals(tx: Tx, { patient }: MoveItem): Promise<Goal[]> {
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource WHERE patient = ${patient} AND type = 'Goal' AND NOT deleted ORDER BY rk FOR UPDATE`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Goal)
}

/** What a move would change for one person is worked out from this. */
export async function readEnrolled(
  db: Queryable,
  patient: string,
  { id }: CarePlan,
): Promise<{ goals: Goal[]; openTasks: Task[]; requests: Resource[] }> {
  const types = [...MOVED_TYPES, 'Goal']
  const read = await readOfPatient(db, { patient, carePlan: String(id), types, lock: false })
  const { Goal: goals = [], ...others } = Object.groupBy(read, ({ resourceType }) => resourceType)
  const tasks = (others.Task ?? []) as unknown as Task[]
  return {
    goals: goals as unknown as Goal[],
    openTasks: tasks.filter(
      (task) => isOpen(task) && task.basedOn?.some(({ reference }) => reference === `CarePlan/${id}`),
    ),
    requests: Object.values(others).flatMap((all) => all ?? []),
  }
}

type Wanted = { patient: string; carePlan: string; types: string[]; lock: boolean }

async function readOfPatient(db: Queryable, { patient, carePlan, types, lock }: Wanted): Promise<Resource[]> {
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE patient = ${patient} AND type = ANY (${types}::text[]) AND NOT deleted
         AND (type <> 'Task' OR tokens && ${OPEN_TASK_HASHES}::bigint[] OR strpos(content, ${`|CarePlan/${carePlan}"`}) > 0)
       ORDER BY rk ${lock ? sql`FOR UPDATE` : sql``}`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Resource)
}

/** A version of a resource as it was before a change. */
export async function readVersion(
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

async function readCurrent(tx: Tx, patient: string, { type, id }: WrittenChange) {
  const { rows } = await tx.query<{ version: number; content: string }>(
    prepared(sql`
      SELECT version, content FROM resource
       WHERE patient = ${patient} AND type = ${type} AND id = ${id} AND NOT deleted FOR UPDATE`),
  )
  return rows[0] && { version: rows[0].version, resource: JSON.parse(rows[0].content) as Resource }
}

/** A move has made it; there was nothing before. */
export const isCreated = ({ before }: WrittenChange): boolean => before === 0

export type TakenBack = {
  change?: Change
  /** Somebody has changed it since, so it is as they left it. */
  isLeft: boolean
  /** What stands in its place: a Task that was cancelled is not opened again, another one is made. */
  replacedBy?: string
}

type Taking = { tx: Tx; item: MoveItem; now: Date; newId: (resource: Resource) => string }

/** What a move has written, as it was before: what it has ordered ends, what it has changed or ended is as it was. */
export async function takeBack({ tx, item, now, newId }: Taking, change: WrittenChange): Promise<TakenBack> {
  const current = await readCurrent(tx, item.patient, change)
  if (!current) return { isLeft: false }
  const isTouched = current.version !== change.after
  if (isCreated(change) && change.type === 'Goal')
    return takeBackGoal(current.resource as unknown as Goal, isTouched, now)
  if (isCreated(change)) {
    // Also what somebody has changed: the version that wanted it is not theirs any more. Whoever has begun with it decides.
    if (phaseOf(current.resource) === undefined) return { isLeft: isTouched }
    const reason = REASONS['moved-back']
    const carePlan = `CarePlan/${item.care_plan}`
    const ended = steered(current.resource, { does: 'stop', carePlan, reason, now })
    const isLeft = ended === current.resource || phaseOf(ended) !== undefined
    return { ...(ended === current.resource ? {} : { change: toUpdate(ended) }), isLeft }
  }
  if (isTouched) return { isLeft: true }
  const before = await readVersion(tx, item.patient, change)
  if (!before) return { isLeft: true }
  const statuses = [current.resource.status, before.status] as [TaskStatus, TaskStatus]
  if (change.type !== 'Task' || mayBecome(...statuses)) return { change: toUpdate(before), isLeft: false }
  const id = newId(before)
  const { meta: _meta, ...again } = before
  return { change: toCreate({ ...again, id } as Resource, id), isLeft: false, replacedBy: `Task/${id}` }
}

/** A Goal that a move has made ends; what somebody has made of it since is the person's own. */
function takeBackGoal(goal: Goal, isTouched: boolean, now: Date): TakenBack {
  if (isTouched || goal.lifecycleStatus === 'cancelled') return { isLeft: isTouched }
  const statusReason = toldAs('statusReason', REASONS['moved-back'])
  const ended: Goal = { ...goal, lifecycleStatus: 'cancelled', statusDate: toOsloClock(now).date, ...statusReason }
  return { change: toUpdate(ended), isLeft: false }
}

/** The CarePlan without the activities and Goals that a move had added, and with those that stand in place of others. */
export function withActivitiesBack(
  carePlan: CarePlan,
  added: ReadonlySet<string>,
  replaced: ReadonlyMap<string, string>,
): CarePlan {
  const { activity = [], goal = [], ...rest } = carePlan
  const goals = goal.filter(({ reference }) => !added.has(reference ?? ''))
  const kept = activity
    .filter(({ reference }) => !added.has(reference?.reference ?? ''))
    .map((one) => {
      const instead = replaced.get(one.reference?.reference ?? '')
      return instead ? { ...one, reference: { reference: instead } } : one
    })
  return { ...rest, ...(goals.length > 0 ? { goal: goals } : {}), ...(kept.length > 0 ? { activity: kept } : {}) }
}

export const toUpdate = (one: object): Change => {
  const resource = one as Resource
  return { interaction: 'update', resource, id: String(resource.id) }
}

export const toCreate = (resource: Resource, id: string): Change => ({ interaction: 'create', resource, id })
