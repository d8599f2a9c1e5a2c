import type { Task } from '@medplum/fhirtypes'
import { afterFinding } from '../core/decide/burden/step-down.ts'
import { decide } from '../core/decide/decide.ts'
import { type DecisionRow, keepInputs } from '../core/decide/decision-record.ts'
import type { Decisions } from '../core/decide/decisions.ts'
import type { Facts } from '../core/decide/facts.ts'
import type { Happening } from '../core/decide/happening.ts'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import { ruleOf } from '../core/decide/task/finding-task.ts'
import { placeDecided } from '../core/decide/task/place-decided.ts'
import { isOpen } from '../core/decide/task/task-status.ts'
import { colourIn } from '../core/decide/words/coded-words.ts'
import type { Settle } from '../expressions/expressions.ts'
import { coreStamp } from './core-stamp.ts'
import { digestOf } from './decision-digest.ts'
import { groundOfDecision } from './decision-ground.ts'
import { describe, type Occurrence, patientOf } from './occurrence.ts'
import type { PlanBook } from './plan-book.ts'
import { RepeatableIds } from './repeatable-ids.ts'
import type { RoundFacts } from './round-facts.ts'
import type { RoundOutcome } from './round-outcome.ts'
import type { Enrolment } from './wanted.ts'

/** What a part of a round is given: what is known, where what was decided goes, and by what it is decided. */
export type Deciding = {
  facts: RoundFacts
  outcome: RoundOutcome
  book: PlanBook
  now: Date
  settle: Settle
  newId: (patient: string) => string
}

/** Asks one plan of one enrolment what follows from what happened, and keeps why. */
export async function decideOne(
  { facts, outcome, book, now, settle, newId }: Deciding,
  enrolment: Enrolment,
  happening: Happening,
  from: Occurrence,
): Promise<void> {
  const { plan } = enrolment
  const patient = patientOf(from)
  const standing = facts.of(patient)
  // As another plan of the same CarePlan has left it in this round.
  const carePlan = standing.carePlans.find(({ id }) => id === enrolment.carePlan.id) ?? enrolment.carePlan
  const ids = new RepeatableIds(() => newId(patient))
  const about = happening.kind === 'data' ? (happening.current ?? happening.previous) : undefined
  const looked = happening.kind === 'limits' ? happening.current : about
  const triage = looked && facts.triageOf(enrolment, looked)
  const given: Facts = {
    plan,
    carePlan,
    goals: standing.goals,
    happening,
    history: facts.historyOf(patient),
    openTasks: standing.tasks,
    ...(triage ? { triage } : {}),
    ...(plan.steers ? { requests: standing.requests } : {}),
    subject: standing.patient,
    now,
    newId: ids.fromStart(),
  }
  const decisions = await settle(
    (evaluate) => decide({ ...given, newId: ids.fromStart(), evaluate }),
    groundOfDecision(book.cql.get(plan.canonical), given),
  )
  // Before the Tasks are noted: what this round has changed already was seen as it was then. A decision in which no rule was
  // woken looked at nothing but the enrolment.
  if (decisions.trace.length > 0 || decisions.tasks.length > 0 || decisions.requests || decisions.triage) {
    const inputs = keepInputs(given, ids.used, (resource) => !outcome.has(resource))
    outcome.noteDecision(rowOf({ decisions, plan, inputs, carePlan: String(carePlan.id), from, now }))
  }
  await outcome.take({ ...decisions, tasks: await placed(decisions.tasks, { plan, facts, now }) }, from)
  const steps = facts.schedules.steps.get(patient) ?? []
  if (steps.length > 0 && decisions.tasks.some(({ task }) => isDeterioration(task))) {
    for (const timer of afterFinding(steps, now)) outcome.noteTimer(timer, from)
  }
}

/** New Tasks go to who is at work now, if the plan asks for it. */
async function placed(
  tasks: Decisions['tasks'],
  { plan, facts, now }: Pick<Deciding, 'facts' | 'now'> & { plan: CompiledPlan },
): Promise<Decisions['tasks']> {
  if (!plan.asksForStaff || !tasks.some(({ act }) => act === 'create')) return tasks
  const placed = placeDecided(tasks, plan, await facts.staff({ withLoad: plan.choosesPeople }), now)
  facts.noteStaff(placed.staff)
  return placed.tasks
}

type Decided = {
  decisions: Decisions
  plan: CompiledPlan
  inputs: DecisionRow['inputs']
  carePlan: string
  from: Occurrence
  now: Date
}

function rowOf({ decisions, plan, inputs, carePlan, from, now }: Decided): DecisionRow {
  return {
    decided_at: now.toISOString(),
    patient: patientOf(from),
    care_plan: carePlan,
    plan: plan.canonical,
    happening: describe(from),
    tasks: changedIds(decisions),
    ...(changedIds(decisions).length > 0 ? { trace: decisions.trace } : {}),
    inputs,
    digest: digestOf(decisions),
    core: coreStamp(),
  }
}

/** Something red or yellow was found, or found again. */
const isDeterioration = (task: Task): boolean =>
  isOpen(task) && ruleOf(task) !== undefined && ['red', 'yellow'].includes(colourIn(task.businessStatus) ?? '')

/** The Tasks that came of it, and the other requests; no two resources have one id. */
const changedIds = ({ tasks, requests = [] }: Decisions): string[] =>
  [...tasks.map(({ task }) => task.id), ...requests.map(({ resource }) => resource.id)].map(String)
