import type { CarePlan, Task } from '@medplum/fhirtypes'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Queryable, Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { isToMove, type Move } from '../lifecycle/move.ts'
import { compareVersions } from '../lifecycle/semver.ts'
import { isInStage } from '../lifecycle/stage.ts'
import type { Store } from '../store/store.ts'
import { enrolsIn } from './enrols-in.ts'
import { tellProgress, toOutput } from './move-progress.ts'
import { onBehalfOf } from './on-behalf-of.ts'
import type { PlanBook } from './plan-book.ts'

export type MoveState = 'moving' | 'moved' | 'undoing' | 'undone'

/** A move of enrolments between versions, as it is kept. Its id is that of the Task that tells how far it is. */
export type MoveRow = {
  id: string
  from_plans: string[]
  to_plan: string
  requested_by: string
  reason: string | null
  state: MoveState
}

export type MoveItem = {
  care_plan: string
  patient: string
  changes: WrittenChange[]
}
/** What a move wrote: which version it found, and which it left. */
export type WrittenChange = { type: string; id: string; before: number; after: number }

export type MoveAsked = Move & {
  /** id of the PlanDefinition that it goes to. */
  plan: string
  share: number
  /** ids of the CarePlans that it is about; left out or empty, all. */
  only?: readonly string[]
  reason: string | undefined
  actor: string
}

/** The running enrolments that a move is about, by patient. */
export async function readToMove(
  db: Queryable,
  move: Move,
  share: number,
  only: readonly string[] = [],
): Promise<{ carePlan: CarePlan; patient: string }[]> {
  const { rows } = await db.query<{ patient: string; content: string }>(sql`
    SELECT patient, content FROM resource
     WHERE ${enrolsIn(move.from)} AND patient IS NOT NULL
     ORDER BY patient, rk`)
  const url = move.to.split('|')[0] ?? ''
  return rows
    .map(({ patient, content }) => ({ patient, carePlan: JSON.parse(content) as CarePlan }))
    .filter(({ carePlan }) => only.length === 0 || only.includes(String(carePlan.id)))
    .filter(({ carePlan, patient }) => isToMove(carePlan, move) && isInStage(url, `Patient/${patient}`, share))
}

/**
 * The version that an enrolment leaves. One that names the plan alone leaves the one that governed it until this came into force: its
 * predecessor, else the newest of the others that people may be in.
 */
export function versionLeft(
  { instantiatesCanonical = [] }: CarePlan,
  from: string[],
  to: CompiledPlan,
  book: PlanBook,
): CompiledPlan | undefined {
  const named = from.find((canonical) => instantiatesCanonical.includes(canonical))
  if (named !== to.url) return named === undefined ? undefined : book.find(named)
  const predecessor = to.definition.relatedArtifact?.find(({ type }) => type === 'predecessor')?.resource
  const others = book.plans
    .filter(({ url, canonical }) => url === to.url && canonical !== to.canonical)
    .sort((one, other) => compareVersions(other.definition.version, one.definition.version))
  return (predecessor?.includes('|') ? book.find(predecessor) : undefined) ?? others[0]
}

/** Every version of the plan that some running enrolment names, but for this one. */
export async function readVersionsInUse(db: Queryable, url: string, except: string): Promise<string[]> {
  const { rows } = await db.query<{ content: string }>(sql`SELECT content FROM resource WHERE ${enrolsIn([url])}`)
  const named = rows
    .map(({ content }) => JSON.parse(content) as CarePlan)
    .filter(({ status }) => status === 'active' || status === 'on-hold')
    .flatMap(({ instantiatesCanonical = [] }) => instantiatesCanonical)
  return [...new Set(named)].filter((canonical) => canonical.startsWith(`${url}|`) && canonical !== except)
}

/**
 * Writes down a move, with all whom it is about; the keeper does it, batch by batch.
 * @returns the Task that tells how far it is
 */
export async function startMove(
  tx: Tx,
  store: Pick<Store, 'writeIn' | 'newId'>,
  asked: MoveAsked,
  now: Date,
): Promise<Resource> {
  const { from, to, actor, reason = null, share } = asked
  const enrolments = await readToMove(tx, asked, share, asked.only)
  const id = store.newId({ resourceType: 'Task' })
  await tx.query(sql`
    INSERT INTO plan_migration (id, from_plans, to_plan, requested_by, reason, state, created_at)
    VALUES (${id}, ${from}::text[], ${to}, ${actor}, ${reason}, 'moving', ${now.toISOString()})`)
  await tx.query(sql`
    INSERT INTO plan_migration_item (migration, care_plan, patient, state)
    SELECT ${id}, care_plan, patient, 'waiting'
      FROM unnest(${enrolments.map(({ carePlan }) => carePlan.id ?? '')}::text[], ${enrolments.map(({ patient }) => patient)}::text[])
           AS e(care_plan, patient)`)
  const task = moveTask(asked, enrolments.length, now) as unknown as Resource
  await store.writeIn(tx, onBehalfOf(asked), [{ interaction: 'create', resource: task, id }])
  return { ...task, id }
}

function moveTask({ plan, from, to, reason }: MoveAsked, total: number, now: Date): Task {
  return {
    resourceType: 'Task',
    status: 'in-progress',
    businessStatus: { text: 'moving' },
    intent: 'order',
    code: { coding: [{ system: `${FYLGJE}/CodeSystem/plan-act`, code: 'migrate', display: 'Pasienter flyttet' }] },
    focus: { reference: `PlanDefinition/${plan}` },
    ...(reason ? { reasonCode: { text: reason } } : {}),
    authoredOn: now.toISOString(),
    lastModified: now.toISOString(),
    input: [
      ...from.map((canonical) => ({ type: { text: 'from' }, valueCanonical: canonical })),
      { type: { text: 'to' }, valueCanonical: to },
    ],
    output: toOutput({ waiting: total, moved: 0, skipped: 0, undone: 0, kept: 0 }),
  }
}

/** The move, or the last one to this version. */
export async function findMove(db: Queryable, to: string, id: string | undefined): Promise<MoveRow | undefined> {
  const { rows } = await db.query<MoveRow>(sql`
    SELECT id, from_plans, to_plan, requested_by, reason, state FROM plan_migration
     WHERE to_plan = ${to} AND (${id ?? null}::text IS NULL OR id = ${id ?? null}) ORDER BY created_at DESC, id DESC LIMIT 1 FOR UPDATE`)
  return rows[0]
}

type UndoRooms = { store: Pick<Store, 'writeIn'>; now: () => Date }

/** Begins to take one move back. Who was not moved yet is not. */
export async function undoMove(rooms: UndoRooms, tx: Tx, move: MoveRow): Promise<void> {
  await tx.query(sql`
    UPDATE plan_migration_item SET state = 'skipped', why = 'taken back before it was done'
     WHERE migration = ${move.id} AND state = 'waiting'`)
  await tellProgress(rooms, tx, { ...move, state: 'undoing' })
}

/** Begins to take back every move to this version that stands. @returns how many moves */
export async function undoMoves(rooms: UndoRooms, tx: Tx, canonical: string): Promise<number> {
  const { rows } = await tx.query<MoveRow>(sql`
    SELECT id, from_plans, to_plan, requested_by, reason, state FROM plan_migration
     WHERE to_plan = ${canonical} AND state IN ('moving', 'moved') ORDER BY created_at FOR UPDATE`)
  for (const move of rows) await undoMove(rooms, tx, move)
  return rows.length
}
