import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { AlarmRate } from '../lifecycle/alarm-budget.ts'
import { isNamed } from '../lifecycle/named-definitions.ts'

/** How far back the rate of a plan is measured. */
const DAYS = 90
const DAY = 86_400_000

/** Ends at which somebody has looked, and of those the one at which something was done. */
const CLOSED = new Set(['completed', 'cancelled', 'rejected', 'failed'])

/**
 * What a plan has really cost in the last 90 days, over all its versions: Tasks per 100 days of patients, and how many of those that
 * were closed led to something. Undefined where nobody was followed long enough to say.
 */
export async function measureAlarmRate(
  db: Queryable,
  { url = '' }: Pick<PlanDefinition, 'url'>,
  now: Date,
): Promise<AlarmRate | undefined> {
  const since = now.getTime() - DAYS * DAY
  const days =
    (await readEnrolments(db, url)).reduce((sum, carePlan) => sum + followedSince(carePlan, since, now), 0) / DAY
  if (days < 1) return undefined
  const statuses = await readTaskStatuses(db, url, new Date(since))
  const closed = statuses.filter((status) => CLOSED.has(status)).length
  const acted = statuses.filter((status) => status === 'completed').length
  return {
    tasksPer100PatientDays: (100 * statuses.length) / days,
    ...(closed > 0 ? { actedOnPercent: (100 * acted) / closed } : {}),
  }
}

async function readEnrolments(db: Queryable, url: string): Promise<CarePlan[]> {
  const { rows } = await db.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'CarePlan' AND NOT deleted AND strpos(content, ${url}) > 0`,
  )
  return rows
    .map(({ content }) => JSON.parse(content) as CarePlan)
    .filter(({ instantiatesCanonical = [] }) =>
      instantiatesCanonical.some((one) => isNamed(one.split('|')[0] ?? '', { url })),
    )
    .filter(({ status }) => status === 'active' || status === 'on-hold' || status === 'completed')
}

/** Milliseconds; what has no start was not followed. */
function followedSince({ period }: CarePlan, since: number, now: Date): number {
  const start = Date.parse(period?.start ?? '')
  const end = Math.min(period?.end ? Date.parse(period.end) : now.getTime(), now.getTime())
  return Math.max(0, end - Math.max(start, since)) || 0
}

async function readTaskStatuses(db: Queryable, url: string, since: Date): Promise<string[]> {
  const { rows } = await db.query<{ status: string; authored: string | null }>(sql`
    SELECT content::json ->> 'status' AS status, content::json ->> 'authoredOn' AS authored FROM resource
     WHERE type = 'Task' AND NOT deleted AND last_updated >= ${since.toISOString()}::timestamptz
       AND strpos(content, ${url}) > 0
       AND split_part(content::json ->> 'instantiatesCanonical', '|', 1) = ${url}`)
  return rows.filter(({ authored }) => Date.parse(authored ?? '') >= since.getTime()).map(({ status }) => status)
}
