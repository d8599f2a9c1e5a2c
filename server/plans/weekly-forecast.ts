import { randomUUID } from 'node:crypto'
import type { MeasureReport, Parameters, PlanDefinition } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import type { Timer, TimerPayload } from '../core/decide/timer.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { forecastsOf, minutesPerTaskOf, partsOfForecast, withOutcome } from '../lifecycle/forecast/forecast-report.ts'
import { nextWeekly, type Week, weekOf } from '../lifecycle/forecast/week.ts'
import type { SimulationAsked, SimulationJob } from '../lifecycle/simulation.ts'
import { codeToken, tokenHash } from '../search/token-hash.ts'
import type { Change } from '../store/store.ts'
import { ACTIVATION_PART } from './activation-timer.ts'
import type { KeeperRooms } from './keeper.ts'
import { judgeStaffing } from './shift-staffing.ts'
import { readCohort } from './simulation/cohort.ts'
import { findJob, insertJob } from './simulation/jobs.ts'
import { readStoredPlan } from './stored-plan.ts'
import { claimTimers, noTimerChanges, noteTimer, type PlacedTimer, writeTimers } from './timers.ts'

const KEEPER = engineAccess('plan-keeper')
const REQUESTER = { actor: KEEPER.actor, clientId: KEEPER.clientId }
const DAY = 86_400_000
/** What has come in so many days says what will: four of each weekday. */
const DAYS = 28
/** So many days of enrolments are played for it; of more patients a share, and the load grows with them. */
const ENROLMENT_DAYS_MAX = 20_000
/** How often it is looked whether a simulation is done. */
const POLL_MILLISECONDS = 5_000
/** How often it is looked whether a plan has come into force. */
const SURVEY_MILLISECONDS = 60_000

/**
 * What is being worked out, as the clock carries it from look to look: first what came in the weeks that were forecast, one after the
 * other, then the forecast itself.
 */
type Work = { job: string; week: string; of: 'outcome' | 'forecast' }

/**
 * Tells each week what the teams of each plan in force have to expect, as MeasureReports, and of the week before what really came. By a
 * durable clock; what is simulated for it are jobs that nobody waits for.
 * @returns the duty; it says whether there is more to do
 */
export function createForecasting(): (rooms: KeeperRooms) => Promise<boolean> {
  let surveyedAt = Number.NEGATIVE_INFINITY
  return async (rooms) => {
    if (performance.now() - surveyedAt > SURVEY_MILLISECONDS) {
      await inTransaction(rooms.pool, (tx) => startClocks(tx, rooms.now()))
      surveyedAt = performance.now()
    }
    const rang = await inTransaction(rooms.pool, async (tx) => {
      const claim = { partitions: [ACTIVATION_PART], kinds: ['forecast' as const], now: rooms.now(), countMax: 1 }
      const [timer] = await claimTimers(tx, claim)
      if (timer) await goOn(rooms, tx, timer)
      return timer !== undefined
    })
    if (rang) rooms.onCommit()
    return rang
  }
}

/** Each plan in force that has none gets a clock for the next Monday. */
async function startClocks(tx: Tx, now: Date): Promise<void> {
  const changes = noTimerChanges()
  for (const { id } of await readInForce(tx)) {
    const timer = clockOf(`PlanDefinition/${id}`, nextWeekly(now))
    noteTimer(changes, { act: 'start', timer }, { partition: ACTIVATION_PART })
  }
  await writeTimers(tx, changes)
}

const clockOf = (about: string, dueAt: Date, work?: Work): Timer => ({
  ...{ kind: 'forecast', about, name: 'weekly', dueAt },
  ...(work ? { payload: work as TimerPayload } : {}),
})

async function goOn(rooms: KeeperRooms, tx: Tx, timer: PlacedTimer): Promise<void> {
  const now = rooms.now()
  const plan = await readPlan(tx, timer.about)
  const work = timer.payload as Work | undefined
  const job = work && (await findJob(tx, work.job, REQUESTER))
  const isAtWork = job?.state === 'waiting' || job?.state === 'running'
  if (!plan || isAtWork) return setClock(tx, timer, plan && { dueAt: soon(now), work })
  const isTold = work?.of === 'forecast' && job !== undefined
  const told = work && job ? await write(rooms, tx, { plan, work, job }) : []
  const isOver = plan.status !== 'active'
  const [pending] = await readPending(tx, plan, now)
  const asked = pending ? askedOfWeek(plan, pending) : !isOver && !isTold && (await askedAhead(tx, plan, now))
  if (!asked) {
    const teams = told.flatMap((report) => partsOfForecast(report)?.team ?? [])
    await judgeStaffing(rooms, tx, { teams, plansInForce: await readInForce(tx) })
    return setClock(tx, timer, isOver ? undefined : { dueAt: nextWeekly(now) })
  }
  const next: Work = {
    job: randomUUID(),
    ...(pending
      ? { week: String(pending.period?.start), of: 'outcome' }
      : { week: weekOf(now).start.toISOString(), of: 'forecast' }),
  }
  await insertJob(tx, next.job, asked, REQUESTER)
  await setClock(tx, timer, { dueAt: soon(now), work: next })
}

const soon = (now: Date): Date => new Date(now.getTime() + POLL_MILLISECONDS)

/** @param next undefined where the clock is not needed any more */
async function setClock(
  tx: Tx,
  timer: PlacedTimer,
  next: { dueAt: Date; work?: Work | undefined } | undefined,
): Promise<void> {
  const changes = noTimerChanges()
  const decision = next
    ? ({ act: 'set', timer: clockOf(timer.about, next.dueAt, next.work) } as const)
    : ({ act: 'drop', timer } as const)
  noteTimer(changes, decision, timer)
  await writeTimers(tx, changes)
}

const askedOfWeek = ({ id }: PlanDefinition, { period }: MeasureReport): SimulationAsked => ({
  ...{ plan: String(id), start: new Date(String(period?.start)), end: new Date(String(period?.end)) },
})

/** @returns undefined where nobody is followed, or this week is forecast already */
async function askedAhead(tx: Tx, plan: PlanDefinition, now: Date): Promise<SimulationAsked | undefined> {
  const { start: end } = weekOf(now)
  const start = new Date(end.getTime() - DAYS * DAY)
  const enrolments = await readCohort(tx, { url: String(plan.url), start, end: now })
  const forPatients = enrolments.filter(({ carePlan }) => carePlan.status === 'active').length
  if (forPatients === 0 || (await isForecast(tx, plan, weekOf(now)))) return undefined
  const share = Math.floor((100 * ENROLMENT_DAYS_MAX) / (enrolments.length * DAYS))
  const asked = { plan: String(plan.id), start, end, forPatients, minutesPerTask: minutesPerTaskOf(plan) }
  return { ...asked, share: Math.max(1, Math.min(100, share)) }
}

/**
 * A simulation that failed says nothing: its week stays without a forecast, or without its outcome.
 * @returns the forecasts that were written
 */
async function write(
  rooms: KeeperRooms,
  tx: Tx,
  { plan, work, job }: { plan: PlanDefinition; work: Work; job: SimulationJob },
): Promise<MeasureReport[]> {
  const now = rooms.now()
  if (job.state !== 'done') rooms.log.warn({ plan: plan.url, job: job.id, of: work.of }, 'a week could not be forecast')
  const simulated: Parameters = job.state === 'done' ? JSON.parse(job.result ?? '{}') : { resourceType: 'Parameters' }
  const week = weekOf(new Date(work.week))
  const reports =
    work.of === 'forecast'
      ? forecastsOf(simulated, { plan, week, patientCount: await countFollowed(tx, plan, now), now })
      : (await readPending(tx, plan, now))
          .filter(({ period }) => period?.start === work.week)
          .map((report) =>
            job.state === 'done' ? withOutcome(report, simulated, now) : { ...report, status: 'error' as const },
          )
  if (reports.length > 0) await rooms.store.writeIn(tx, KEEPER, reports.map(toChange))
  return reports
}

const toChange = (report: MeasureReport): Change => {
  const resource = report as unknown as Resource
  return report.id ? { interaction: 'update', resource, id: report.id } : { interaction: 'create', resource }
}

async function countFollowed(tx: Tx, { url }: PlanDefinition, now: Date): Promise<number> {
  const enrolments = await readCohort(tx, { url: String(url), start: now, end: now })
  return enrolments.filter(({ carePlan }) => carePlan.status === 'active').length
}

async function readPlan(tx: Tx, about: string): Promise<PlanDefinition | undefined> {
  try {
    return (await readStoredPlan(tx, about.split('/')[1] ?? '', { lock: false })).plan
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

const hashOf = (parameter: string, code: string) => tokenHash(codeToken(parameter, code))

async function readInForce(db: Queryable): Promise<PlanDefinition[]> {
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource WHERE type = 'PlanDefinition' AND NOT deleted
         AND tokens @> ARRAY[${hashOf('PlanDefinition.status', 'active')}]::bigint[] ORDER BY rk`),
  )
  return rows.map(({ content }) => JSON.parse(content) as PlanDefinition)
}

const ofPlan = (report: MeasureReport, { url }: PlanDefinition): boolean => partsOfForecast(report)?.url === url

/** The forecasts of a plan, of whichever version, whose week is over and of which nobody has told what came; the oldest first. */
async function readPending(db: Queryable, plan: PlanDefinition, now: Date): Promise<MeasureReport[]> {
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource WHERE type = 'MeasureReport' AND NOT deleted
         AND tokens @> ARRAY[${hashOf('MeasureReport.status', 'pending')}]::bigint[] ORDER BY rk`),
  )
  return rows
    .map(({ content }) => JSON.parse(content) as MeasureReport)
    .filter((report) => ofPlan(report, plan) && Date.parse(report.period?.end ?? '') <= now.getTime())
}

/** By this version of the plan or by another: two are in force in a staged start. */
async function isForecast(db: Queryable, plan: PlanDefinition, { start }: Week): Promise<boolean> {
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource WHERE type = 'MeasureReport' AND NOT deleted
         AND tokens @> ARRAY[${hashOf('MeasureReport.status', 'pending')}]::bigint[]`),
  )
  return rows
    .map(({ content }) => JSON.parse(content) as MeasureReport)
    .some((report) => ofPlan(report, plan) && report.period?.start === start.toISOString())
}
