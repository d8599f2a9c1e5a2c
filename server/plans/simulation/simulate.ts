import type { CarePlan, Task } from '@medplum/fhirtypes'
import { median } from '../../core/decide/limits/quantile.ts'
import { patientDaysOf } from '../../core/decide/plan/rule-rates.ts'
import { COLOURS, type Colour } from '../../core/decide/plan/vocabulary.ts'
import {
  type Comparison,
  colourOfTask,
  compare,
  evidenceOf,
  type Match,
  type RealTask,
} from '../../core/decide/simulation/compare.ts'
import { DETERIORATION_TYPE, deteriorationAt } from '../../core/decide/simulation/lead-time.ts'
import { Play } from '../../core/decide/simulation/play.ts'
import type { StoredVersion } from '../../core/decide/simulation/play-ground.ts'
import type { SimulatedTask } from '../../core/decide/simulation/simulated-tasks.ts'
import { Tally } from '../../core/decide/simulation/tally.ts'
import { ruleOf } from '../../core/decide/task/finding-task.ts'
import type { Staff } from '../../core/decide/task/staff.ts'
import { endedAt } from '../../core/decide/task/task-end.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { type Pool, prepared, type Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import type { Simulated, SimulationAsked, SimulationProgress, SimulationReport } from '../../lifecycle/simulation.ts'
import { toParameters } from '../../lifecycle/simulation-parameters.ts'
import { beginTurn, type Turn } from '../../turns.ts'
import type { ReadKeptBook } from '../kept-plan-book.ts'
import { readStaffOver } from '../staff.ts'
import { type Enrolled, isOf, readCohort } from './cohort.ts'
import { type EnrolledIn, movedHistory } from './moved-history.ts'
import { lookBackOf, type PlanToTry, readPlanToTry, type TryingRooms, typesFor } from './plan-to-try.ts'
import { type PatientHistory, readHistories } from './read-history.ts'

export type SimulationRooms = TryingRooms & { pool: Pool; readBook: ReadKeptBook }

/** A simulation as it is told; the rest of it stays in the thread. */
export function reportOf(simulated: Simulated): SimulationReport {
  const { tally, patientDays } = simulated
  const { closed, actedOn } = tally.answered
  return {
    parameters: toParameters(simulated),
    ...(patientDays < 1
      ? {}
      : {
          rate: {
            tasksPer100PatientDays: (100 * tally.total.simulated) / patientDays,
            ...(closed > 0 ? { actedOnPercent: (100 * actedOn) / closed } : {}),
          },
        }),
  }
}

export type Watching = {
  /** Awaited after each batch of patients, and every few seconds of a long one; what it throws ends the simulation. */
  onProgress?: (progress: SimulationProgress) => Promise<void>
  /** What was simulated for one patient, and how it compares, before it is forgotten. */
  onPatient?: (patient: string, simulated: SimulatedTask[], comparison: Comparison) => void
}

/** Patients who are read together. */
const BATCH = 8
const TELL_MILLISECONDS = 2_000
/** The play begins so long before the period: clocks are in step by then, and what is open is open. */
const WARM_UP = 14 * 86_400_000
const DEFAULT_MINUTES: Record<Colour, number> = { red: 30, yellow: 240, grey: 480, green: 480 }

/**
 * Plays the stored history of a cohort through a version of a plan, and counts what would have been made beside what was. Writes
 * nothing. Holds one batch of patients in memory, and lets others have their turn after every ten milliseconds.
 * @throws Refusal not-found, invalid
 */
export async function simulate(
  rooms: SimulationRooms,
  asked: SimulationAsked,
  { onProgress, onPatient }: Watching = {},
): Promise<Simulated> {
  const toTry = await readPlanToTry(rooms.pool, asked, rooms)
  const url = asked.insteadOf ?? toTry.plan.url
  const cohort = await readCohort(rooms.pool, { ...asked, url })
  const patients = [...new Set(cohort.map(({ patient }) => patient))]
  const begin = new Date(asked.start.getTime() - WARM_UP)
  const staff = await readStaffOver(rooms.pool, begin, asked.end)
  const enrolments = cohort.map(({ carePlan }) => carePlan)
  const period = { start: asked.start.toISOString(), end: asked.end.toISOString() }
  const urls = new Set([toTry.plan.url, url])
  let toldAt = Date.now()
  const run: Run = {
    ...{ rooms, asked, toTry, url, urls, staff, begin, enrolled: Map.groupBy(cohort, ({ patient }) => patient) },
    enrolledIn: await readEnrolledIn(rooms, enrolments, url),
    tally: new Tally(urls, { tellsAll: asked.tellsAll ?? false }),
    waits: new Map(),
    progress: { patientCount: patients.length, patientsDone: 0, happenedCount: 0, decisionCount: 0 },
    failures: [],
    turn: beginTurn(),
    onPatient,
    tellSometimes: async () => {
      if (Date.now() - toldAt < TELL_MILLISECONDS) return
      toldAt = Date.now()
      await onProgress?.(run.progress)
    },
  }
  const marking = (asked.deteriorations ?? []).map((kind) => DETERIORATION_TYPE[kind])
  const types = [...new Set([...typesFor(toTry.plan), ...marking])]
  const since = new Date(begin.getTime() - lookBackOf(toTry.plan))
  for (let at = 0; at < patients.length; at += BATCH) {
    const batch = { patients: patients.slice(at, at + BATCH), types, since, clock: asked.clock }
    for (const history of await readHistories(rooms.pool, batch)) await playOne(run, history)
    await onProgress?.(run.progress)
    await run.turn.next()
  }
  return {
    ...run.progress,
    ...{ plan: toTry.plan, asked, enrolments, patientDays: patientDaysOf(enrolments, period), staff },
    recordedDays: patientDaysOf(await readRecorded(rooms.pool, cohort), period),
    ...{ tally: run.tally, failures: run.failures, minutesToDecision: minutesOf(run) },
  }
}

/** The enrolments as far as decisions for them are recorded: none before the first, which a history that was loaded never had. */
async function readRecorded(db: Queryable, cohort: Enrolled[]): Promise<CarePlan[]> {
  const { rows } = await db.query<{ carePlan: string; since: string }>(
    prepared(sql`
      SELECT e.care_plan AS "carePlan", to_json(first.decided_at) AS since
        FROM unnest(${cohort.map(({ patient }) => patient)}::text[], ${cohort.map(({ carePlan }) => String(carePlan.id))}::text[])
               AS e(patient, care_plan)
       CROSS JOIN LATERAL (
             SELECT decided_at FROM decision d WHERE d.patient = e.patient AND d.care_plan = e.care_plan
              ORDER BY decided_at LIMIT 1) AS first`),
  )
  const since = new Map(rows.map((row) => [row.carePlan, row.since]))
  return cohort.flatMap(({ carePlan }) => {
    const recorded = since.get(String(carePlan.id))
    if (recorded === undefined) return []
    const { start } = carePlan.period ?? {}
    const isLater = start === undefined || Date.parse(start) < Date.parse(recorded)
    return isLater ? { ...carePlan, period: { ...carePlan.period, start: recorded } } : carePlan
  })
}

/** The versions that people are in, compiled as they are. One that nobody knows any more is none. */
async function readEnrolledIn(
  { pool, readBook }: SimulationRooms,
  enrolments: CarePlan[],
  url: string,
): Promise<Map<string, EnrolledIn[]>> {
  const book = await readBook(pool)
  const known = enrolments.flatMap((carePlan) => {
    const canonical = carePlan.instantiatesCanonical?.find((one) => one.split('|')[0] === url)
    const from = canonical === undefined ? undefined : book.find(canonical, carePlan.subject.reference)
    return from ? [{ carePlan, from }] : []
  })
  return Map.groupBy(known, ({ carePlan }) => carePlan.subject.reference ?? '')
}

type Run = {
  rooms: SimulationRooms
  asked: SimulationAsked
  toTry: PlanToTry
  /** Of the plan in which people are enrolled. */
  url: string
  urls: ReadonlySet<string>
  staff: Staff
  begin: Date
  enrolled: ReadonlyMap<string, Enrolled[]>
  /** Which version each enrolment really was in, by `Patient/1`. */
  enrolledIn: ReadonlyMap<string, EnrolledIn[]>
  tally: Tally
  /** What people really took, in minutes, by colour. */
  waits: Map<Colour, number[]>
  progress: SimulationProgress
  failures: Simulated['failures']
  turn: Turn
  onPatient: Watching['onPatient']
  tellSometimes: () => Promise<void>
}

async function playOne(run: Run, history: PatientHistory): Promise<void> {
  const { asked, progress, tally, urls, failures } = run
  const own = new Set((run.enrolled.get(history.patient) ?? []).map(({ carePlan }) => `CarePlan/${carePlan.id}`))
  const isMine = (task: Task) => urls.has(ruleOf(task)?.url ?? '') || isOfSchedule(task, own)
  const real = history.realTasks.filter(({ made, at }) => isMine(made) && isIn(at, asked))
  noteWaits(run.waits, real)
  try {
    const one = await play(run, history)
    const made = [...one.made.values()]
    const simulated = made.filter((one) => isIn(one.at, asked) && isMine(one.made))
    const comparison = explained(compare(real, simulated, urls), one)
    tally.add(history.patient, simulated, comparison)
    if (asked.deteriorations) tally.addDeteriorations(simulated, comparison, marksIn(history, asked))
    run.onPatient?.(history.patient, simulated, comparison)
  } catch (error) {
    failures.push({ patient: history.patient, problem: error instanceof Error ? error.message : String(error) })
  }
  progress.patientsDone += 1
}

/** Why what was missed was: what the rule asked about the same measurement this time. */
function explained({ matches, fresh }: Comparison, one: Play): Comparison {
  const explain = (match: Match): Match => {
    const { made } = match.real
    const [about] = evidenceOf(made)
    const conditions = about && one.conditionsOf(about, ruleOf(made)?.actionId ?? '')
    return match.outcome === 'missed' && conditions ? { ...match, conditions } : match
  }
  return { fresh, matches: matches.map(explain) }
}

/** When the patient became worse, by the resources as they stand in the end. */
function marksIn({ versions }: PatientHistory, asked: SimulationAsked): number[] {
  const kinds = new Set(asked.deteriorations)
  const latest = new Map(versions.map(({ type, id, resource }) => [`${type}/${id}`, resource]))
  return [...latest.values()].flatMap((resource) => {
    const at = resource && deteriorationAt(resource, kinds)
    return at !== undefined && at >= asked.start.getTime() && at < asked.end.getTime() ? [at] : []
  })
}

async function play(run: Run, { patient, versions, engineTasks }: PatientHistory): Promise<Play> {
  const { asked, toTry, url, begin, progress, turn } = run
  const moved = movedHistory(versions, run.enrolledIn.get(`Patient/${patient}`) ?? [], toTry.plan)
  const tried = withGoals(moved, asked)
  const now = new Map<string, Resource>()
  const later = tried.findIndex(({ at }) => at > begin)
  for (const { type, id, resource } of later < 0 ? tried : tried.slice(0, later)) {
    if (resource) now.set(`${type}/${id}`, resource)
    else now.delete(`${type}/${id}`)
  }
  const minutes = minutesOf(run)
  const ground = {
    subject: `Patient/${patient}`,
    planOf: (carePlan: CarePlan) => (isOf(carePlan, url) ? toTry.plan : undefined),
    ...{ urls: run.urls, judge: toTry.judge, staff: run.staff, messagesAreSent: true },
    answeredAfter: (task: Task) => 60_000 * minutes[colourOfTask(task)],
  }
  const one = new Play(ground, begin, [...now.values()], engineTasks)
  await one.begin()
  for (const together of groupsOf(later < 0 ? [] : tried.slice(later), asked.end)) {
    await one.happen(together)
    progress.happenedCount += together.length
    if (!turn.isOver()) continue
    await run.tellSometimes()
    await turn.next()
  }
  await one.ringUntil(asked.end)
  progress.decisionCount += one.decisionCount
  return one
}

/** What came at one moment comes together. */
function* groupsOf(versions: StoredVersion[], end: Date): Generator<StoredVersion[]> {
  let group: StoredVersion[] = []
  for (const version of versions) {
    if (version.at >= end) break
    if (group.length > 0 && group[0]?.at.getTime() !== version.at.getTime()) {
      yield group
      group = []
    }
    group.push(version)
  }
  if (group.length > 0) yield group
}

/** The Goals that are tried stand from the beginning on; what was really written in them does not count. */
function withGoals(versions: StoredVersion[], { goals = [], carePlan }: SimulationAsked): StoredVersion[] {
  if (goals.length === 0) return versions
  const tried = new Set(goals.map(({ id }) => id))
  const references = goals.map(({ id }) => ({ reference: `Goal/${id}` }))
  return [
    ...goals.map((goal) => ({ type: 'Goal', id: String(goal.id), at: new Date(0), resource: goal, byEngine: false })),
    ...versions
      .filter(({ type, id }) => type !== 'Goal' || !tried.has(id))
      .map((version) => {
        if (version.type !== 'CarePlan' || version.id !== carePlan || !version.resource) return version
        const { goal: own = [] } = version.resource as unknown as CarePlan
        const added = references.filter(({ reference }) => !own.some((one) => one.reference === reference))
        return { ...version, resource: { ...version.resource, goal: [...own, ...added] } }
      }),
  ]
}

const isIn = (at: Date, { start, end }: SimulationAsked) => at >= start && at < end

/** Made by following what an enrolment asks for, not by a rule of a plan: it is named by the request, `ServiceRequest/1`. */
const isOfSchedule = (task: Task, carePlans: ReadonlySet<string>): boolean =>
  /^[A-Z][A-Za-z]+\/[^/]+$/.test(ruleOf(task)?.url ?? '') &&
  (task.basedOn ?? []).some(({ reference }) => carePlans.has(reference ?? ''))

function noteWaits(waits: Run['waits'], real: RealTask[]): void {
  for (const { made, task, at } of real) {
    const end = endedAt(task)
    if (task.status !== 'completed' || !(end >= at.getTime())) continue
    const known = waits.get(colourOfTask(made)) ?? []
    waits.set(colourOfTask(made), known)
    known.push((end - at.getTime()) / 60_000)
  }
}

/** The median of what people took; so far, and for each colour something usual where nobody has taken anything. */
function minutesOf({ asked, waits }: Pick<Run, 'asked' | 'waits'>): Record<Colour, number> {
  const of = (colour: Colour): number => {
    if (asked.minutesToDecision !== undefined) return asked.minutesToDecision
    const known = waits.get(colour) ?? []
    return known.length > 0 ? median(known) : DEFAULT_MINUTES[colour]
  }
  return Object.fromEntries(COLOURS.map((colour) => [colour, of(colour)])) as Record<Colour, number>
}
