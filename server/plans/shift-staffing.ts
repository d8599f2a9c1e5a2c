import type { MeasureReport, PlanDefinition } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { madeBy } from '../core/decide/plan/steer.ts'
import { peopleAt } from '../core/decide/simulation/shifts.ts'
import { withdrawTasks } from '../core/decide/task/finding-task.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { FORECAST, minutesPerTaskOf, newestForecasts } from '../lifecycle/forecast/forecast-report.ts'
import {
  NOTHING_EXPECTED,
  retoldUnderstaffed,
  STAFFED_AGAIN,
  shortShifts,
  UNDERSTAFFED,
  understaffedTask,
  type Workload,
} from '../lifecycle/forecast/understaffed.ts'
import { weekOf, weeksBefore } from '../lifecycle/forecast/week.ts'
import { referenceToken, systemToken, tokenHash } from '../search/token-hash.ts'
import type { Change } from '../store/store.ts'
import { readOpenTasks, taskUpdate } from './engine-tasks.ts'
import type { KeeperRooms } from './keeper.ts'
import { readStaffOver } from './staff.ts'

const KEEPER = engineAccess('plan-keeper')

/**
 * Holds what the newest forecasts expect of these teams, and of those that were short before, against who is rostered for the rest of
 * this week and the whole of the next (a roster must be known two weeks ahead: arbeidsmiljøloven § 10-3). A team that is short has ONE
 * open Task with its shifts; it is retold when they change and taken back when none is short.
 * @param plansInForce only their work counts
 */
export async function judgeStaffing(
  { store, now }: Pick<KeeperRooms, 'store' | 'now'>,
  tx: Tx,
  { teams, plansInForce }: { teams: string[]; plansInForce: PlanDefinition[] },
): Promise<void> {
  // Two plans of one team may be forecast at the same time; each then sees what the other has written.
  await tx.query(sql`SELECT pg_advisory_xact_lock(hashtext('shifts that are short'))`)
  const open = Map.groupBy(
    await readOpenTasks(tx, UNDERSTAFFED),
    (task) => madeBy(task as unknown as Resource)?.url ?? '',
  )
  const wanted = [...new Set([...teams, ...open.keys()])].filter((team) => team !== '')
  if (wanted.length === 0) return
  const period = { start: now(), end: weekOf(weekOf(now()).end).end }
  const since = weeksBefore(weekOf(now()), 1)
  const staff = await readStaffOver(tx, period.start, period.end)
  const changes: Change[] = []
  for (const team of wanted) {
    const workloads = await readWorkloads(tx, { team, plansInForce, since })
    const shifts = shortShifts(workloads, team, staff, period)
    const [first] = open.get(team) ?? []
    const [some] = workloads
    if (!some) {
      changes.push(...withdrawTasks(open.get(team) ?? [], NOTHING_EXPECTED, now()).map(taskUpdate))
    } else if (shifts.length === 0) {
      // Of a team of which nobody is known none can be short, nor has it enough people: what was said stands.
      const isKnown = peopleAt(team, staff, now()) !== undefined
      const settled = isKnown ? (open.get(team) ?? []) : []
      changes.push(...withdrawTasks(settled, STAFFED_AGAIN, now()).map(taskUpdate))
    } else if (first) {
      const retold = retoldUnderstaffed(first, { team, shifts, forecast: some.forecast }, now())
      if (retold !== first) changes.push(taskUpdate(retold))
    } else {
      const task = understaffedTask({ team, shifts, forecast: some.forecast }, now())
      changes.push({ interaction: 'create', resource: task as unknown as Resource })
    }
  }
  if (changes.length > 0) await store.writeIn(tx, KEEPER, changes)
}

type Wanted = { team: string; plansInForce: PlanDefinition[]; since: Date }

/**
 * The newest forecast of each plan in force that says what a Task of it takes; what is no longer in force brings nothing.
 * @param since what was forecast of a week that began before says nothing of the weeks to come
 */
async function readWorkloads(tx: Tx, { team, plansInForce, since }: Wanted): Promise<Workload[]> {
  const hashes = [
    tokenHash(referenceToken('MeasureReport.evaluatedResource', team)),
    tokenHash(systemToken('MeasureReport.identifier', FORECAST)),
  ]
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource WHERE type = 'MeasureReport' AND NOT deleted AND tokens @> ${hashes}::bigint[]
         -- A forecast is dated in its week, or later.
         AND (date_low IS NULL OR date_low >= ${since.toISOString()}::timestamptz)`),
  )
  const newest = newestForecasts(
    rows.map(({ content }) => JSON.parse(content) as MeasureReport),
    team,
    since,
  )
  // Of a staged start two versions are in force: the week of both is forecast once.
  return [...new Map(plansInForce.map((plan) => [plan.url, plan])).values()].flatMap((plan) => {
    const minutesPerTask = minutesPerTaskOf(plan)
    const found = newest.find(({ url }) => url === plan.url)
    return found && minutesPerTask !== undefined ? [{ forecast: found.forecast, minutesPerTask }] : []
  })
}
