import type { CarePlan, PlanDefinition, Task } from '@medplum/fhirtypes'
import { patientDaysOf, planRateOf, type RuleRate, ratesOf } from '../core/decide/plan/rule-rates.ts'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { AlarmRate } from '../lifecycle/alarm-budget.ts'
import { isNamed } from '../lifecycle/named-definitions.ts'
import { enrolsIn } from './enrols-in.ts'

/** How far back the rate of a plan is measured when it is to come into force. */
const DAYS = 90
const DAY = 86_400_000

/** What the alarms of a plan were in a period, over all its versions. */
export type AlarmsMeasured = {
  /** Undefined where nobody was followed for a day. */
  rate?: AlarmRate
  /** Of each rule, the one with the most Tasks first. */
  rules: RuleRate[]
  patientDays: number
}

/** What a plan has really cost in the last 90 days. Undefined where nobody was followed long enough to say. */
export const measureAlarmRate = async (
  db: Queryable,
  plan: Pick<PlanDefinition, 'url'>,
  now: Date,
): Promise<AlarmRate | undefined> => (await measureAlarms(db, plan, now, DAYS)).rate

/** Tasks per 100 days of patients, and how many of those that were closed led to something: counted as `$rule-rates` counts. */
export async function measureAlarms(
  db: Queryable,
  { url = '' }: Pick<PlanDefinition, 'url'>,
  now: Date,
  days: number,
): Promise<AlarmsMeasured> {
  const start = new Date(now.getTime() - days * DAY)
  const period = { start: start.toISOString(), end: now.toISOString() }
  const patientDays = patientDaysOf(await readEnrolments(db, url), period)
  const tasks = await readTasks(db, url, start)
  const rules = ratesOf(tasks, url, patientDays)
  if (patientDays < 1) return { rules, patientDays }
  const { tasksPer100PatientDays = 0, closedCount, actedOnCount } = planRateOf(tasks, url, patientDays)
  return {
    ...{ rules, patientDays },
    rate: {
      tasksPer100PatientDays,
      ...(closedCount > 0 ? { actedOnPercent: (100 * actedOnCount) / closedCount } : {}),
    },
  }
}

async function readEnrolments(db: Queryable, url: string): Promise<CarePlan[]> {
  const { rows } = await db.query<{ content: string }>(sql`SELECT content FROM resource WHERE ${enrolsIn([url])}`)
  return rows
    .map(({ content }) => JSON.parse(content) as CarePlan)
    .filter(({ instantiatesCanonical = [] }) =>
      instantiatesCanonical.some((one) => isNamed(one.split('|')[0] ?? '', { url })),
    )
}

/** Those that are about the plan at all; which of its rules they are of is for the counting to say. */
async function readTasks(db: Queryable, url: string, since: Date): Promise<Task[]> {
  const { rows } = await db.query<{ content: string }>(sql`
    SELECT content FROM resource
     WHERE type = 'Task' AND NOT deleted AND last_updated >= ${since.toISOString()}::timestamptz
       AND strpos(content, ${`"${url}|`}) > 0`)
  return rows
    .map(({ content }) => JSON.parse(content) as Task)
    .filter(({ authoredOn }) => Date.parse(authoredOn ?? '') >= since.getTime())
}
