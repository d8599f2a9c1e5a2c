import { type Pool, prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { SHARED_DOCUMENT } from '../documents/document-reference.ts'

/** Another process may try after this: whoever had it was killed. */
const LEASE_SECONDS = 120
const FAILED_SECONDS_MAX = 3_600
/** So often it is tried before somebody is told. */
const QUIET_ATTEMPTS = 4

/** @property carePlan id */
export type DueReport = { carePlan: string; attempts: number }

/** The oldest that is due, which nobody else takes for a while. */
export async function claimReport(pool: Pool, now: Date): Promise<DueReport | undefined> {
  const at = now.toISOString()
  const { rows } = await pool.query<{ care_plan: string; attempts: number }>(
    prepared(sql`
      UPDATE report_to_file SET attempts = attempts + 1, next_at = ${at}::timestamptz + make_interval(secs => ${LEASE_SECONDS})
       WHERE care_plan = (SELECT care_plan FROM report_to_file WHERE state = 'waiting' AND next_at <= ${at}::timestamptz
                           ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING care_plan, attempts`),
  )
  const [row] = rows
  return row && { carePlan: row.care_plan, attempts: row.attempts }
}

export async function forgetReport(pool: Pool, carePlan: string): Promise<void> {
  await pool.query(prepared(sql`DELETE FROM report_to_file WHERE care_plan = ${carePlan}`))
}

/** It is tried again, more and more seldom. */
export async function putOffReport(pool: Pool, { carePlan, attempts }: DueReport, now: Date): Promise<void> {
  const seconds = Math.min(FAILED_SECONDS_MAX, 5 * 2 ** attempts)
  await pool.query(
    prepared(sql`
      UPDATE report_to_file SET next_at = ${now.toISOString()}::timestamptz + make_interval(secs => ${seconds})
       WHERE care_plan = ${carePlan}`),
  )
}

/** Nothing changes that by itself: it stays put down as withheld, with the reason. */
export async function withholdReport(pool: Pool, carePlan: string, reason: string): Promise<void> {
  await pool.query(
    prepared(sql`
      UPDATE report_to_file SET state = 'withheld', reason = ${reason} WHERE care_plan = ${carePlan} AND state = 'waiting'`),
  )
}

/** @property lateCount how many were tried in vain again and again */
export type Unfiled = { lateCount: number; withheldCount: number }

export async function countUnfiled(pool: Pool): Promise<Unfiled> {
  const { rows } = await pool.query<Unfiled>(
    prepared(sql`
      SELECT count(*) FILTER (WHERE state = 'waiting' AND attempts >= ${QUIET_ATTEMPTS})::int AS "lateCount",
             count(*) FILTER (WHERE state = 'withheld')::int AS "withheldCount"
        FROM report_to_file`),
  )
  return rows[0] ?? { lateCount: 0, withheldCount: 0 }
}

/** LOINC: Discharge summary, the category of a final report. */
const FINAL_REPORT = '18842-5'

/**
 * What is withheld no longer waits for anybody where somebody has filed it, or the plan was deleted or is called a mistake.
 * @returns of how many that is so
 */
export async function forgetSettledReports(pool: Pool): Promise<number> {
  const filed = JSON.stringify({
    ...{ status: 'current', meta: { profile: [SHARED_DOCUMENT] } },
    category: [{ coding: [{ system: 'http://loinc.org', code: FINAL_REPORT }] }],
  })
  const { rowCount } = await pool.query(
    prepared(sql`
      DELETE FROM report_to_file f USING resource p
       WHERE f.state = 'withheld' AND p.type = 'CarePlan' AND p.id = f.care_plan
         AND (p.deleted OR CASE WHEN NOT p.deleted THEN p.content::jsonb ->> 'status' = 'entered-in-error' END
              OR EXISTS (SELECT 1 FROM resource d
                          WHERE d.patient = p.patient AND d.type = 'DocumentReference'
                            AND CASE WHEN NOT d.deleted THEN d.content::jsonb @> ${filed}::jsonb
                                 AND d.content::jsonb #> '{context,related}'
                                     @> jsonb_build_array(jsonb_build_object('reference', 'CarePlan/' || p.id)) END))`),
  )
  return rowCount ?? 0
}
