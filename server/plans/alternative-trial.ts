import type { Library, PlanDefinition, Reference, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import type { RuleRate } from '../core/decide/plan/rule-rates.ts'
import { isOpen } from '../core/decide/task/task-status.ts'
import type { TimerPayload } from '../core/decide/timer.ts'
import { type Told, toldAs } from '../core/decide/words/told.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { type Alternative, alternativesTo, asAlternative } from '../lifecycle/alternative/alternative.ts'
import { bestOf, figuresOf, isEnough, type Tried, type TriedAlternative } from '../lifecycle/alternative/figures.ts'
import { type TrialTold, withTrial } from '../lifecycle/alternative/trial-inputs.ts'
import { alternativeInWords } from '../lifecycle/alternative/trial-words.ts'
import { draftOf } from '../lifecycle/draft.ts'
import { type AlarmBudget, alarmBudgetOf } from '../lifecycle/extensions.ts'
import { sortedJson } from '../lifecycle/frozen.ts'
import { canonicalOf, casesOf } from '../lifecycle/named-definitions.ts'
import { freeVersion } from '../lifecycle/semver.ts'
import type { SimulationJob } from '../lifecycle/simulation.ts'
import type { KeeperRooms } from './keeper.ts'
import {
  askSimulation,
  cancelSimulation,
  findSimulation,
  isAtWork,
  lookAgainAt,
  shareToPlay,
} from './keeper-simulation.ts'
import { dropPlanClock, ringPlanClock, setPlanClock } from './plan-clock.ts'
import { readCohort } from './simulation/cohort.ts'
import {
  compileStored,
  digestOf,
  findPlan,
  readStoredPlan,
  readVersionsOf,
  type StoredPlan,
  testStored,
} from './stored-plan.ts'
import type { PlacedTimer } from './timers.ts'

const KEEPER = engineAccess('plan-keeper')
/** Over so long it is tried, as long as the budget itself is measured. */
const DAYS = 30
const DAY = 86_400_000
/** What is being tried for one Task, as its timer carries it from look to look. */
type Trial = {
  task: string
  start: string
  end: string
  share: number
  alternatives: Alternative[]
  /** First the plan as it is, then each alternative; those that are not there have not been played. */
  tried: Tried[]
  /** Of the one that is being played. */
  job: string
}

/**
 * Begins to try what would be quieter, for a Task that says that the alarms of a plan are beyond its budget. A plan that cannot be compiled
 * is not played: it has troubles of its own, which its patients' teams have Tasks of.
 * @param rules of the plan, as they were measured
 */
export async function beginTrial(
  tx: Tx,
  asked: { plan: PlanDefinition; rules: RuleRate[]; task: string; now: Date },
): Promise<void> {
  const { plan, rules, task, now } = asked
  const compiled = compiledOrNot(await readStoredPlan(tx, String(plan.id), { lock: false }))
  if (!compiled) return
  const start = new Date(now.getTime() - DAYS * DAY)
  const enrolments = await readCohort(tx, { url: String(plan.url), start, end: now })
  const share = shareToPlay(enrolments.length, DAYS)
  const trial: Trial = {
    ...{ task, start: start.toISOString(), end: now.toISOString(), share },
    ...{ alternatives: alternativesTo(compiled, rules), tried: [], job: '' },
  }
  await setTrial(tx, `PlanDefinition/${plan.id}`, trial, now)
}

function compiledOrNot(stored: StoredPlan): CompiledPlan | undefined {
  try {
    return compileStored(stored)
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

async function setTrial(tx: Tx, about: string, trial: Trial, dueAt: Date): Promise<void> {
  const payload = trial as unknown as TimerPayload
  await setPlanClock(tx, { kind: 'alternative', about, name: 'trial', dueAt, payload })
}

/**
 * Goes on with one trial: each simulation is a job that whoever has time works on, so that neither a caller nor the engine waits, and one that
 * is killed goes on where it was. When a quieter version that misses no red is found, or all was tried, the Task tells it.
 * @returns whether there was one
 */
export const keepTrials = (rooms: KeeperRooms): Promise<boolean> =>
  ringPlanClock(rooms, 'alternative', (tx, timer) => goOn(rooms, tx, timer))

async function goOn(rooms: KeeperRooms, tx: Tx, timer: PlacedTimer): Promise<void> {
  const trial = timer.payload as unknown as Trial
  const task = await readOpenTask(tx, trial.task)
  const plan = await findInForce(tx, timer.about)
  if (!task || !plan?.id) {
    await cancelSimulation(tx, trial.job)
    return dropPlanClock(tx, timer)
  }
  const job = await findSimulation(tx, trial.job)
  const tried = [...trial.tried, ...triedBy(job)]
  if (isOver(trial.alternatives, tried, alarmBudgetOf(plan) ?? {})) {
    const stored = await readStoredPlan(tx, plan.id, { lock: false })
    await tellTrial(rooms, tx, { task, stored, trial: { ...trial, tried } })
    return dropPlanClock(tx, timer)
  }
  const next = isAtWork(job) ? trial.job : await playNext(tx, { trial, tried, plan: plan.id })
  await setTrial(tx, timer.about, { ...trial, tried, job: next }, lookAgainAt(rooms.now()))
}

/** All was tried, or what came last is good enough, or not even the plan as it is could be played. */
function isOver(alternatives: Alternative[], tried: Tried[], budget: AlarmBudget): boolean {
  const [before, ...after] = tried
  const isUnplayable = before !== undefined && !('figures' in before)
  return isUnplayable || after.length === alternatives.length || after.some((one) => isEnough(one, budget))
}

type Playing = { trial: Trial; tried: Tried[]; plan: string }

/** First the plan as it is, then one alternative after the other. @returns id of the job */
const playNext = (tx: Tx, { trial, tried, plan }: Playing): Promise<string> =>
  askSimulation(tx, {
    ...{ plan, start: new Date(trial.start), end: new Date(trial.end), share: trial.share },
    ...(tried.length === 0 ? {} : { alternative: trial.alternatives[tried.length - 1] }),
  })

/** What a job has come to; nothing while it goes on, or where it is gone and must be begun anew. */
function triedBy(job: SimulationJob | undefined): Tried[] {
  if (job?.state === 'failed') {
    const { issue = [] } = JSON.parse(job.result ?? '{}') as { issue?: { diagnostics?: string }[] }
    return [{ problem: issue.map(({ diagnostics }) => diagnostics).join(' ') }]
  }
  if (job?.state !== 'done') return []
  const figures = figuresOf(JSON.parse(job.result ?? '{}'))
  return [figures ? { figures } : { problem: NOBODY_FOLLOWED }]
}

const NOBODY_FOLLOWED: Told = {
  nb: 'Ingen ble fulgt i et helt døgn.',
  nn: 'Ingen vart følgde i eit heilt døgn.',
  en: 'Nobody was followed for a day.',
}

type Telling = { task: Task; stored: StoredPlan; trial: Trial }

async function tellTrial(rooms: KeeperRooms, tx: Tx, { task, stored, trial }: Telling): Promise<void> {
  const [before, ...after] = trial.tried
  const all = trial.alternatives.flatMap((alternative, i): TriedAlternative[] => {
    const tried = after[i]
    return tried ? [{ alternative, tried }] : []
  })
  const best = bestOf(before, all, alarmBudgetOf(stored.plan) ?? {})
  const told: TrialTold = {
    period: { start: new Date(trial.start), end: new Date(trial.end) },
    ...{ before, all },
    ...(best ? { best: { ...best, ...(await draftAlternative(rooms, tx, stored, best.alternative)) } } : {}),
  }
  const changed = { ...withTrial(task, told), lastModified: rooms.now().toISOString() } as unknown as Resource
  await rooms.store.writeIn(tx, KEEPER, [
    { interaction: 'update', resource: changed, id: String(task.id), ifMatch: Number(task.meta?.versionId) },
  ])
}

/** The alternative as a draft that people can go on with as with any: a person submits it, a second one approves. */
async function draftAlternative(
  rooms: KeeperRooms,
  tx: Tx,
  stored: StoredPlan,
  alternative: Alternative,
): Promise<{ draft: Reference; casesFailing: number }> {
  const changed = asAlternative(stored.plan, alternative)
  const plan = { ...changed, id: stored.plan.id }
  const digest = digestOf(plan, stored.definitions)
  const report = await casesOfChanged(rooms, { ...stored, plan, digest })
  const casesFailing = report?.cases.filter(({ passed }) => !passed).length ?? 0
  const versions = await readVersionsOf(tx, String(stored.plan.url))
  const same = versions.find((one) => one.status === 'draft' && isSameIn(one, changed))
  const id = same?.id ?? (await writeDraft(rooms, tx, { stored, changed, alternative, versions }))
  return {
    draft: { reference: `PlanDefinition/${id}`, display: stored.plan.title ?? canonicalOf(stored.plan) },
    casesFailing,
  }
}

/** The figures are of exactly this plan: a draft of the same limits in which somebody has changed a rule is another. */
const isSameIn = (one: PlanDefinition, other: PlanDefinition): boolean => ruling(one) === ruling(other)
const ruling = ({ goal, extension, action, library, contained }: PlanDefinition): string =>
  sortedJson([goal, extension, action, library, contained])

async function casesOfChanged(rooms: KeeperRooms, stored: StoredPlan) {
  try {
    return await testStored(stored, rooms)
  } catch (error) {
    // Cases that cannot be read are told when the draft is submitted.
    if (error instanceof Refusal) return undefined
    throw error
  }
}

type Drafting = { stored: StoredPlan; changed: PlanDefinition; alternative: Alternative; versions: PlanDefinition[] }

async function writeDraft(rooms: KeeperRooms, tx: Tx, given: Drafting): Promise<string> {
  const { stored, changed, alternative, versions } = given
  const taken = new Set(versions.map(({ version }) => String(version)))
  const version = freeVersion(String(stored.plan.version), taken)
  const cases = stored.definitions.get(casesOf(stored.plan) ?? '') as (Resource & Library) | undefined
  const { plan, definitions } = draftOf(changed, {
    relation: 'predecessor',
    naming: { url: String(stored.plan.url), version },
    definitions: cases ? [{ definition: cases, naming: { url: String(cases.url), version } }] : [],
    now: rooms.now(),
  })
  const why = {
    ...{ type: 'justification' as const, label: 'alternative' },
    ...toldAs('display', alternativeInWords(alternative)),
  }
  const justified = { ...plan, relatedArtifact: [...(plan.relatedArtifact ?? []), why] } as unknown as Resource
  // Only numbers differ from what was valid when it was stored; what else stands against it is told when it is submitted.
  const resources = [justified, ...definitions]
  const [written] = await rooms.store.writeIn(
    tx,
    KEEPER,
    resources.map((resource) => ({ interaction: 'create', resource })),
  )
  if (!written) throw new Error('the draft of an alternative was not written')
  return written.id
}

async function readOpenTask(tx: Tx, reference: string): Promise<Task | undefined> {
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource WHERE type = 'Task' AND id = ${reference.split('/')[1] ?? ''} AND NOT deleted FOR UPDATE`),
  )
  const task = rows[0] && (JSON.parse(rows[0].content) as Task)
  return task && isOpen(task) ? task : undefined
}

async function findInForce(tx: Tx, about: string): Promise<PlanDefinition | undefined> {
  const plan = await findPlan(tx, about.split('/')[1] ?? '')
  return plan?.status === 'active' && alarmBudgetOf(plan) ? plan : undefined
}
