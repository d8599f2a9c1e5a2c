import type { ServiceRequest } from '@medplum/fhirtypes'
import type { AskedFor } from '../core/decide/schedule/asked-for.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { codeToken, referenceToken, systemCodeToken, tokenHash } from '../search/token-hash.ts'
import { readAbout } from './facts.ts'

/** The token under which an active ServiceRequest is indexed: years of ended ones are not even read. */
const ACTIVE_HASH = tokenHash(codeToken('ServiceRequest.status', 'active'))

/** Whose requests are looked at; `only` names some of their activities, `ServiceRequest/1`, where the others do not matter. */
export type RequestsWanted = { patient: string; only: ReadonlySet<string> | undefined }

/** The patients' active ServiceRequests, by patient. A person may have dozens, of which a timer that rings is about one. */
export async function readRequests(tx: Tx, wanted: RequestsWanted[]): Promise<Map<string, ServiceRequest[]>> {
  const patients = wanted.flatMap(({ patient, only }) => (only ? [] : [patient]))
  const named = wanted.flatMap(({ only }) => [...(only ?? [])])
  const some = await readAbout(
    tx,
    named.filter((reference) => reference.startsWith('ServiceRequest/')),
  )
  const single = [...some.values()] as (Resource & ServiceRequest)[]
  const found: Map<string, ServiceRequest[]> = Map.groupBy(
    single.filter(({ status }) => status === 'active'),
    ({ subject }) => subject.reference?.split('/').at(-1) ?? '',
  )
  if (patients.length === 0) return found
  const { rows } = await tx.query<{ patient: string; content: string }>(
    prepared(sql`
      SELECT patient, content FROM resource
       WHERE patient = ANY (${patients}::text[]) AND type = 'ServiceRequest' AND NOT deleted
         AND tokens @> ARRAY[${ACTIVE_HASH}::bigint]`),
  )
  return new Map([...found, ...groupByPatient<ServiceRequest>(rows)])
}

/** Results that may be for what is asked, made at or after `since`. */
export type ResultsWanted = { patient: string; asked: AskedFor; since: Date }

/** More than anybody measures in the few days that are looked at. */
const RESULT_COUNT_MAX = 500

/** What has come for what is asked, by patient; one query for a whole round. */
export async function readResults(tx: Tx, wanted: ResultsWanted[]): Promise<Map<string, Resource[]>> {
  if (wanted.length === 0) return new Map()
  const { rows } = await tx.query<{ patient: string; content: string }>(
    prepared(sql`
      SELECT DISTINCT ON (r.bucket, r.rk) q.patient, r.content
        FROM unnest(${wanted.map(({ patient }) => patient)}::text[], ${wanted.map(({ asked }) => typeOf(asked))}::text[],
                    ${wanted.map(({ since }) => since.toISOString())}::timestamptz[],
                    ${wanted.map(({ asked }) => `{${hashesOf(asked).join(',')}}`)}::text[]) AS q(patient, type, since, tokens)
       CROSS JOIN LATERAL (
         SELECT bucket, rk, content FROM resource
          WHERE patient = q.patient AND type = q.type AND NOT deleted AND date_low >= q.since
            AND (q.tokens = '{}' OR tokens && q.tokens::bigint[])
          ORDER BY date_low DESC NULLS LAST, rk DESC LIMIT ${RESULT_COUNT_MAX}) r
       ORDER BY r.bucket, r.rk`),
  )
  return groupByPatient(rows)
}

const typeOf = ({ questionnaire }: AskedFor) => (questionnaire ? 'QuestionnaireResponse' : 'Observation')

/** Answers are few: which Questionnaire they are of is looked at afterwards. */
function hashesOf({ about, code, questionnaire }: AskedFor): string[] {
  if (questionnaire) return []
  const codes = (code?.coding ?? []).map((one) => systemCodeToken('Observation.code', one.system ?? '', one.code ?? ''))
  return [...codes, referenceToken('Observation.basedOn', about)].map(tokenHash)
}

function groupByPatient<T>(rows: { patient: string; content: string }[]): Map<string, T[]> {
  const found = new Map<string, T[]>()
  for (const { patient, content } of rows) {
    const own = found.get(patient) ?? []
    own.push(JSON.parse(content) as T)
    found.set(patient, own)
  }
  return found
}
