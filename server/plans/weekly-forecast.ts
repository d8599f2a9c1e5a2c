import type { MeasureReport, OperationOutcome, Parameters, PlanDefinition } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { withdrawTasks } from '../core/decide/task/finding-task.ts'
import type { Timer, TimerPayload } from '../core/decide/timer.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import {
  FORECAST,
  forecastsOf,
  minutesPerTaskOf,
  partsOfForecast,
  withOutcome,
} from '../lifecycle/forecast/forecast-report.ts'
import { FORECAST_AGAIN, NOT_FORECAST, notForecastTask } from '../lifecycle/forecast/not-forecast.ts'
import { nextWeekly, type Week, weekOf, weeksBefore } from '../lifecycle/forecast/week.ts'
import type { SimulationAsked, SimulationJob } from '../lifecycle/simulation.ts'
import { codeToken, systemToken, tokenHash } from '../search/token-hash.ts'
import type { Change } from '../store/store.ts'
import { readOpenTasks, taskUpdate } from './engine-tasks.ts'
import type { KeeperRooms } from './keeper.ts'
import { askSimulation, findSimulation, isAtWork, lookAgainAt, shareToPlay } from './keeper-simulation.ts'
import { createPlanDuty, dropPlanClock, setPlanClock } from './plan-clock.ts'
import { judgeStaffing } from './shift-staffing.ts'
import { readCohort } from './simulation/cohort.ts'
import { findPlan, readIdsInForce, readInForce } from './stored-plan.ts'
import type { PlacedTimer } from './timers.ts'

const KEEPER = engineAccess('plan-keeper')
/** What has come in so many weeks says what will: as many of each weekday. */
const WEEKS = 4

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
export const createForecasting = (): ((rooms: KeeperRooms) => Promise<boolean>) =>
  createPlanDuty('forecast', clocksOf, goOn)

/** Each plan in force has one; a new one rings on the next Monday. */
const clocksOf = async ({ pool, now }: KeeperRooms): Promise<Timer[]> =>
  (await readIdsInForce(pool)).map((id) => clockOf(`PlanDefinition/${id}`, nextWeekly(now())))

const clockOf = (about: string, dueAt: Date, work?: Work): Timer => ({
  ...{ kind: 'forecast', about, name: 'weekly', dueAt },
  ...(work ? { payload: work as TimerPayload } : {}),
})

async function goOn(rooms: KeeperRooms, tx: Tx, timer: PlacedTimer): Promise<void> {
  const now = rooms.now()
  const { about } = timer
  const plan = await findPlan(tx, about.split('/')[1] ?? '')
  if (!plan) return dropPlanClock(tx, timer)
  const work = timer.payload as Work | undefined
  const job = work && (await findSimulation(tx, work.job))
  if (isAtWork(job)) return setPlanClock(tx, clockOf(about, lookAgainAt(now), work))
  const told = work && job ? await write(rooms, tx, { plan, work, job }) : []
  const next = await nextWork(tx, plan, { now, isTold: work?.of === 'forecast' && job !== undefined })
  if (next) return setPlanClock(tx, clockOf(about, lookAgainAt(now), next))
  const teams = told.flatMap((report) => partsOfForecast(report)?.team ?? [])
  await judgeStaffing(rooms, tx, { teams, plansInForce: await readInForce(tx) })
  return plan.status === 'active' ? setPlanClock(tx, clockOf(about, nextWeekly(now))) : dropPlanClock(tx, timer)
}

/** What is to be worked out next, which is asked for; undefined until next week. @param isTold this week has been forecast just now */
async function nextWork(
  tx: Tx,
  plan: PlanDefinition,
  { now, isTold }: { now: Date; isTold: boolean },
): Promise<Work | undefined> {
  const [pending] = await readPending(tx, plan, now)
  if (pending) {
    const job = await askSimulation(tx, askedOfWeek(plan, pending))
    return { job, week: String(pending.period?.start), of: 'outcome' }
  }
  if (isTold || plan.status !== 'active') return undefined
  const asked = await askedAhead(tx, plan, now)
  return asked && { job: await askSimulation(tx, asked), week: weekOf(now).start.toISOString(), of: 'forecast' }
}

const askedOfWeek = ({ id }: PlanDefinition, { period }: MeasureReport): SimulationAsked => ({
  ...{ plan: String(id), start: new Date(String(period?.start)), end: new Date(String(period?.end)) },
})

/** @returns undefined where nobody is followed, or this week is forecast already */
async function askedAhead(tx: Tx, plan: PlanDefinition, now: Date): Promise<SimulationAsked | undefined> {
  const week = weekOf(now)
  const [start, end] = [weeksBefore(week, WEEKS), week.start]
  const enrolments = await readCohort(tx, { url: String(plan.url), start, end: now })
  const forPatients = enrolments.filter(({ carePlan }) => carePlan.status === 'active').length
  if (forPatients === 0 || (await isForecast(tx, plan, week))) return undefined
  const share = shareToPlay(enrolments.length, 7 * WEEKS)
  return { plan: String(plan.id), start, end, forPatients, minutesPerTask: minutesPerTaskOf(plan), share }
}

/**
 * A simulation that failed says nothing: its week stays without a forecast, or without its outcome, and whom the plan names is told.
 * @returns the forecasts that were written
 */
async function write(
  rooms: KeeperRooms,
  tx: Tx,
  { plan, work, job }: { plan: PlanDefinition; work: Work; job: SimulationJob },
): Promise<MeasureReport[]> {
  const now = rooms.now()
  await tellFailure(rooms, tx, { plan, work, job })
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

/** One open Task for each plan, which is taken back once a later week is worked out. */
async function tellFailure(
  { store, now }: KeeperRooms,
  tx: Tx,
  { plan, work, job }: { plan: PlanDefinition; work: Work; job: SimulationJob },
): Promise<void> {
  const about = `PlanDefinition/${plan.id}`
  const open = (await readOpenTasks(tx, NOT_FORECAST)).filter(({ focus }) => focus?.reference === about)
  if (job.state !== 'done') {
    if (open.length > 0) return
    const why = job.result === undefined ? undefined : (JSON.parse(job.result) as OperationOutcome)
    const task = notForecastTask({ plan, week: new Date(work.week), of: work.of, why }, now())
    await store.writeIn(tx, KEEPER, [{ interaction: 'create', resource: task as unknown as Resource }])
  } else if (work.of === 'forecast' && open.length > 0) {
    await store.writeIn(tx, KEEPER, withdrawTasks(open, FORECAST_AGAIN, now()).map(taskUpdate))
  }
}

const toChange = (report: MeasureReport): Change => {
  const resource = report as unknown as Resource
  return report.id ? { interaction: 'update', resource, id: report.id } : { interaction: 'create', resource }
}

async function countFollowed(tx: Tx, { url }: PlanDefinition, now: Date): Promise<number> {
  const enrolments = await readCohort(tx, { url: String(url), start: now, end: now })
  return enrolments.filter(({ carePlan }) => carePlan.status === 'active').length
}

const hashOf = (parameter: string, code: string) => tokenHash(codeToken(parameter, code))

/** The forecasts of a plan, by whichever version of it, of which nobody has told yet what came; the oldest first. */
async function readForecasts(db: Queryable, { url }: PlanDefinition): Promise<MeasureReport[]> {
  const hashes = [
    hashOf('MeasureReport.status', 'pending'),
    tokenHash(systemToken('MeasureReport.identifier', FORECAST)),
  ]
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource WHERE type = 'MeasureReport' AND NOT deleted AND tokens @> ${hashes}::bigint[] ORDER BY rk`),
  )
  return rows
    .map(({ content }) => JSON.parse(content) as MeasureReport)
    .filter((report) => partsOfForecast(report)?.url === url)
}

/** Those whose week is over. */
const readPending = async (db: Queryable, plan: PlanDefinition, now: Date): Promise<MeasureReport[]> =>
  (await readForecasts(db, plan)).filter(({ period }) => Date.parse(period?.end ?? '') <= now.getTime())

/** By this version of the plan or by another: two are in force in a staged start. */
const isForecast = async (db: Queryable, plan: PlanDefinition, { start }: Week): Promise<boolean> =>
  (await readForecasts(db, plan)).some(({ period }) => period?.start === start.toISOString())
