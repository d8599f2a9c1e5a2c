import type { CarePlan, Goal } from '@medplum/fhirtypes'
import { askWhetherOver, endsWhen, goalsOf } from '../core/decide/enrolment/ends-when.ts'
import { isCql } from '../core/decide/evaluator.ts'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import type { ConditionTrace } from '../core/decide/plan/condition.ts'
import { unhandledTask } from '../core/decide/task/trouble-task.ts'
import { sameInAll } from '../core/decide/words/told.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { groundOf } from '../cql/cql-basis.ts'
import type { CqlGround } from '../cql/library-set.ts'
import { prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Change } from '../store/store.ts'
import { readHistory } from './facts.ts'
import type { KeeperRooms } from './keeper.ts'
import { type PlanBook, plansOf } from './plan-book.ts'

/**
 * What the plan's own `ends-when` means for an active enrolment: the CarePlan completed, where it is true; a Task for the team, where it
 * cannot be evaluated; nothing otherwise.
 */
export async function endsByItself(
  { settle, store, now, readCql }: KeeperRooms,
  tx: Tx,
  { carePlan, patient, book }: { carePlan: CarePlan; patient: string; book: PlanBook },
): Promise<Change[]> {
  const ending = plansOf(carePlan, book).plans.flatMap((plan) => {
    const condition = endsWhen(plan)
    return condition ? [{ plan, condition }] : []
  })
  if (ending.length === 0) return []
  const read = await readFacts(tx, patient)
  const goals = goalsOf(carePlan, read.goals)
  const subject = read.subject ?? { resourceType: 'Patient', id: patient }
  for (const { plan, condition } of ending) {
    const ground = isCql(condition.language) ? await readGround(tx, { plan, subject, readCql, now: now() }) : undefined
    const trace = await settle(
      (evaluate) => askWhetherOver(condition, { plan, carePlan, goals, subject }, { now: now(), evaluate }),
      ground,
    )
    if (trace.outcome === 'true') return [completed(carePlan)]
    if (trace.outcome === 'unevaluable' && !trace.isEmpty)
      return troubled(trace, { plan, carePlan, now: now(), store, patient })
  }
  return []
}

const completed = (carePlan: CarePlan): Change => ({
  interaction: 'update',
  resource: { ...carePlan, status: 'completed' } as unknown as Resource,
  id: String(carePlan.id),
  ifMatch: Number(carePlan.meta?.versionId) || undefined,
})

type Trouble = { plan: CompiledPlan; carePlan: CarePlan; now: Date; store: KeeperRooms['store']; patient: string }

function troubled(
  { problem = sameInAll('') }: ConditionTrace,
  { plan, carePlan, now, store, patient }: Trouble,
): Change[] {
  const id = store.newId({ resourceType: 'Task', for: { reference: `Patient/${patient}` } })
  const task = unhandledTask(id, { carePlan, plan }, 'ends-when', problem, now)
  return [{ interaction: 'create', resource: task as unknown as Resource, id }]
}

/** Whether some plan says when it ends. Most do not, and then nobody needs to ask. */
export const someEndByThemselves = ({ plans }: PlanBook): boolean => plans.some((plan) => endsWhen(plan) !== undefined)

/** What the libraries of the plan look at, of this patient. What is wrong with them is told by the expression that needs them. */
async function readGround(
  tx: Tx,
  {
    plan,
    subject,
    readCql,
    now,
  }: { plan: CompiledPlan; subject: Resource; readCql: KeeperRooms['readCql']; now: Date },
): Promise<CqlGround | undefined> {
  const basis = await readCql?.([plan.definition, ...plan.used])
  if (!basis) return undefined
  const patient = String(subject.id)
  const wanted = basis.requirements.map((requirement) => ({ patient, requirement }))
  return groundOf(basis, subject, (await readHistory(tx, wanted, now)).get(patient) ?? [])
}

async function readFacts(
  tx: Tx,
  patient: string,
): Promise<{ goals: Map<string, Goal>; subject: Resource | undefined }> {
  const { rows } = await tx.query<{ type: string; id: string; content: string }>(
    prepared(sql`
      SELECT type, id, content FROM resource WHERE patient = ${patient} AND type IN ('Goal', 'Patient') AND NOT deleted`),
  )
  const parsed = rows.map(({ type, id, content }) => ({ type, id, resource: JSON.parse(content) as Resource }))
  return {
    goals: new Map(
      parsed.flatMap(({ type, id, resource }) =>
        type === 'Goal' ? [[`Goal/${id}`, resource as unknown as Goal]] : [],
      ),
    ),
    subject: parsed.find(({ type }) => type === 'Patient')?.resource,
  }
}
