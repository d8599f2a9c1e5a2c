import { setTimeout as sleep } from 'node:timers/promises'
import type { CarePlan } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import type { Language } from '../core/decide/words/language.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { shareOf } from '../lifecycle/extensions.ts'
import { canonicalOf } from '../lifecycle/named-definitions.ts'
import { type Difference, diffEnrolment, diffPlans } from '../lifecycle/plan-diff.ts'
import type { MoveOptions, MovePage, MovePreview, PlanMoves } from '../lifecycle/plan-moves.ts'
import { type EnrolmentMoveRooms, toEnrolmentMove } from './enrolment-move.ts'
import { readEnrolled } from './moved-enrolment.ts'
import { findMove, readToMove, readVersionsInUse, startMove, undoMove, versionLeft } from './moves.ts'
import { onBehalfOf } from './on-behalf-of.ts'
import { toProvenance, writeAct } from './plan-acts.ts'
import type { PlanBook } from './plan-book.ts'
import type { PlanLifeRooms } from './plan-life.ts'
import { compileStored, readStoredPlan, type StoredPlan } from './stored-plan.ts'

export function createPlanMoves(rooms: PlanLifeRooms): PlanMoves {
  const { pool, now, store, onCommit } = rooms
  return {
    preview: (id, options, page) => preview(rooms, id, options, page),

    async start(access, id, options) {
      // Before the transaction: to read it may need a connection of its own.
      const book = await rooms.readBook(pool)
      const task = await inTransaction(pool, async (tx) => {
        const stored = await readStoredPlan(tx, id, { lock: true })
        if (stored.plan.status !== 'active') {
          const told = `${canonicalOf(stored.plan)} is ${stored.plan.status}; patients are moved to a version in force.`
          throw refuse('business-rule', told, 'PlanDefinition.status')
        }
        const { from, to, share, only } = await aimOf(tx, { ...options, stored, book })
        const { actor } = access
        const { reason } = options
        const written = await startMove(tx, store, { from, to, share, only, reason, actor, plan: id }, now())
        const detail = { task: written.id, from, share, ...(only.length > 0 ? { only } : {}) }
        const act = { act: 'migrate', actor, reason, at: now(), detail } as const
        await writeAct(tx, stored, act)
        const provenance = toProvenance(stored, act) as unknown as Resource
        await store.writeIn(tx, onBehalfOf(access), [{ interaction: 'create', resource: provenance }])
        return written
      })
      onCommit()
      return task
    },

    async undo(access: Access, id, wanted) {
      const task = await inTransaction(pool, async (tx) => {
        const stored = await readStoredPlan(tx, id, { lock: true })
        const move = await findMove(tx, canonicalOf(stored.plan), wanted)
        if (!move)
          throw refuse('not-found', `There is no such move of patients to ${canonicalOf(stored.plan)}.`, 'task')
        if (move.state === 'undoing' || move.state === 'undone') {
          throw refuse('conflict', `The move Task/${move.id} is taken back already.`, 'task')
        }
        await undoMove(rooms, tx, move)
        const act = { act: 'undo-migration', actor: access.actor, at: now(), detail: { task: move.id } } as const
        await writeAct(tx, stored, act)
        const provenance = toProvenance(stored, act) as unknown as Resource
        await store.writeIn(tx, onBehalfOf(access), [{ interaction: 'create', resource: provenance }])
        return readTask(tx, move.id)
      })
      onCommit()
      return task
    },

    async waitFor(task, milliseconds) {
      const end = Date.now() + milliseconds
      for (;;) {
        const { rows } = await pool.query<{ state: string }>(sql`SELECT state FROM plan_migration WHERE id = ${task}`)
        const isDone = rows[0]?.state === 'moved' || rows[0]?.state === 'undone'
        if (isDone || Date.now() >= end) return { isDone, task: await readTask(pool, task) }
        await sleep(POLL_MILLISECONDS)
      }
    },
  }
}

const POLL_MILLISECONDS = 100

type Aiming = MoveOptions & { stored: StoredPlan; book: PlanBook }
type Aim = { from: string[]; to: string; share: number; only: string[] }

/** @throws Refusal value for what is no version of the plan; business-rule for one that nobody knows and nobody is in */
async function aimOf(db: Queryable, { stored: { plan }, from, share, only = [], book }: Aiming): Promise<Aim> {
  const to = canonicalOf(plan)
  const wrong = from.find((canonical) => canonical.split('|')[0] !== plan.url)
  if (wrong) throw refuse('value', `from is a version of ${plan.url}, as url|version, not ${wrong}.`, 'from')
  const inUse = await readVersionsInUse(db, String(plan.url), to)
  const unknown = from.find((canonical) => !book.find(canonical) && !inUse.includes(canonical))
  if (unknown) throw refuse('business-rule', `Nobody here knows ${unknown}.`, 'from')
  const left = from.length > 0 ? from.filter((canonical) => canonical !== to) : inUse
  // Who is named is moved, whether or not a staged start has come to them.
  return { from: left, to, share: share ?? (only.length > 0 ? 100 : shareOf(plan)), only }
}

async function preview(
  { pool, store, propose, now, readBook }: PlanLifeRooms,
  id: string,
  options: MoveOptions,
  { count, offset, language }: MovePage,
): Promise<MovePreview> {
  const stored = await readStoredPlan(pool, id, { lock: false })
  const book = await readBook(pool)
  const { from, to, share, only } = await aimOf(pool, { ...options, stored, book })
  // A draft may be tried: the book has none.
  const next = compileStored(stored)
  const concerned = await readToMove(pool, { from, to }, share, only)
  const enrolments: MovePreview['enrolments'] = []
  for (const { carePlan, patient } of concerned.slice(offset, offset + count)) {
    const before = versionLeft(carePlan, from, next, book)
    const differences = before
      ? await differencesFor(
          { db: pool, propose, newId: (resource) => store.newId(resource), now: now() },
          { carePlan, patient },
          { from: before, to: next, language },
        )
      : []
    enrolments.push({ carePlan: `CarePlan/${carePlan.id}`, patient: `Patient/${patient}`, differences })
  }
  const differences = from.flatMap((canonical) => {
    const before = book.find(canonical)
    return before ? [{ from: canonical, differences: diffPlans(before, next, language) }] : []
  })
  return { from, to, total: concerned.length, differences, enrolments }
}

async function differencesFor(
  { db, ...rooms }: EnrolmentMoveRooms & { db: Queryable },
  { carePlan, patient }: { carePlan: CarePlan; patient: string },
  versions: { from: CompiledPlan; to: CompiledPlan; language: Language },
): Promise<Difference[]> {
  const { goals, openTasks, requests } = await readEnrolled(db, patient, carePlan)
  const enrolment = { carePlan, patient, requests, goals }
  const { moved, added, undecided, ...aims } = await toEnrolmentMove(rooms, enrolment, versions)
  const ordered = added
    .filter(({ resource }) => resource.resourceType !== 'RequestGroup')
    .map(({ resource }) => resource)
  const enrolled = { carePlan, goals, openTasks, moved, added: ordered, undecided, aims: aims.goals }
  return diffEnrolment(enrolled, versions)
}

async function readTask(db: Queryable, id: string): Promise<Resource> {
  const { rows } = await db.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'Task' AND id = ${id} AND NOT deleted`,
  )
  if (!rows[0]) throw refuse('not-found', `There is no Task/${id}.`)
  return JSON.parse(rows[0].content) as Resource
}
