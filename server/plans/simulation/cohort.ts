import type { CarePlan } from '@medplum/fhirtypes'
import type { Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { isInStage } from '../../lifecycle/stage.ts'
import { enrolsIn } from '../enrols-in.ts'

export type Enrolled = { patient: string; carePlan: CarePlan }

/** Whom a simulation is about, among those who were enrolled. */
export type CohortAsked = {
  /** The plan in which they are or were enrolled, any version: its url. */
  url: string
  start: Date
  end: Date
  /** ids of Patients; undefined for all. */
  patients?: string[] | undefined
  /** Percent, the same as those for whom a staged version is in force. */
  share?: number | undefined
}

const FOLLOWED: ReadonlySet<string> = new Set(['active', 'on-hold', 'completed', 'revoked'])

/** Enrolments that were in force at some time of the period, by patient. */
export async function readCohort(
  db: Queryable,
  { url, start, end, patients, share = 100 }: CohortAsked,
): Promise<Enrolled[]> {
  const { rows } = await db.query<{ patient: string; content: string }>(sql`
    SELECT patient, content FROM resource
     WHERE ${enrolsIn([url])} AND patient IS NOT NULL
       AND (${patients ?? null}::text[] IS NULL OR patient = ANY (${patients ?? []}::text[]))
     ORDER BY patient, rk`)
  return rows
    .map(({ patient, content }) => ({ patient, carePlan: JSON.parse(content) as CarePlan }))
    .filter(({ patient, carePlan }) => isOf(carePlan, url) && isInStage(url, `Patient/${patient}`, share))
    .filter(({ carePlan: { status, period } }) => {
      const [from, until] = [Date.parse(period?.start ?? ''), Date.parse(period?.end ?? '')]
      return FOLLOWED.has(status) && !(from >= end.getTime()) && !(until <= start.getTime())
    })
}

/** Whether a CarePlan enrols somebody in the plan, in whichever version. */
export const isOf = ({ instantiatesCanonical = [] }: CarePlan, url: string): boolean =>
  instantiatesCanonical.some((canonical) => canonical.split('|')[0] === url)
