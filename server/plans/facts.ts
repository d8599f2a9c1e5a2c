import type { CarePlan, ClinicalImpression, Consent, DataRequirement, Goal, Task } from '@medplum/fhirtypes'
import type { Changed } from '../core/decide/limits/limits-changed.ts'
import { reachesBackTo } from '../core/decide/plan/data-requirement.ts'
import { TRIAGE } from '../core/decide/plan/vocabulary.ts'
import { isOpen, OPEN_STATUSES } from '../core/decide/task/task-status.ts'
import { triageKeyOf } from '../core/decide/triage.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { arrayLiteral } from '../db/array-literal.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { each, raw, sql, words } from '../db/sql.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import { codeToken, referenceToken, systemCodeToken, tokenHash } from '../search/token-hash.ts'
import { parseServerId } from '../store/resource-key.ts'

/** How many resources one input may bring. A rule that needs more needs a tighter filter. */
const HISTORY_COUNT_MAX = 1_000

/** The tokens of Task.status under which an open Task is indexed. Years of closed ones are thus not even read. */
export const OPEN_TASK_HASHES = [...OPEN_STATUSES].map((status) => tokenHash(codeToken('Task.status', status)))

const IS_OPEN_TASK = raw(`'{${OPEN_TASK_HASHES.join()}}'::bigint[]`)

/** What each event is about: that version of the resource, not today's. One query for all. */
export async function readChanged(tx: Tx, events: FeedEvent[]): Promise<Changed[]> {
  if (events.length === 0) return []
  const { rows } = await tx.query<{ n: string; current: string | null; previous: string | null }>(
    prepared(sql`
      SELECT e.n, coalesce(r.content, v.content) AS current, p.content AS previous
        FROM unnest(${arrayLiteral(events.map((e) => e.bucket))}::smallint[], ${arrayLiteral(events.map((e) => e.rk))}::bigint[],
                    ${arrayLiteral(events.map((e) => e.version))}::int[]) WITH ORDINALITY AS e(bucket, rk, version, n)
        LEFT JOIN resource r ON r.bucket = e.bucket AND r.rk = e.rk AND r.version = e.version
        LEFT JOIN resource_version v ON v.bucket = e.bucket AND v.rk = e.rk AND v.version = e.version
        LEFT JOIN resource_version p ON p.bucket = e.bucket AND p.rk = e.rk AND p.version = e.version - 1
       ORDER BY e.n`),
  )
  return rows.map(({ current, previous }) => ({ current: parsed(current), previous: parsed(previous) }))
}

/** What stands about these patients now, by patient. */
export type Standing = {
  carePlans: CarePlan[]
  goals: Goal[]
  tasks: Task[]
  consents: Consent[]
  /** Of other types, where they were asked for. */
  requests: Resource[]
  patient?: Resource
}

/**
 * The patients' resources of these types as they are now, by patient; of Tasks those that are open.
 * @param inPlans types that are read only of those who have a CarePlan: a person may have dozens of requests, which only plans ask about
 */
export async function readStanding(
  db: Queryable,
  patients: string[],
  types: string[],
  inPlans: string[] = [],
): Promise<Map<string, Standing>> {
  const standing = new Map<string, Standing>()
  if (patients.length === 0) return standing
  const asked = sql`FROM ${each(patients)} AS p(patient) JOIN resource r ON r.patient = p.patient`
  const ofThoseInPlans = sql`
      UNION ALL
      SELECT r.patient, r.content ${asked}
       WHERE r.type IN (${inPlans.length > 0 ? words(inPlans) : sql``}) AND NOT r.deleted
         AND EXISTS (SELECT FROM resource c WHERE c.patient = p.patient AND c.type = 'CarePlan' AND NOT c.deleted)`
  const { rows } = await db.query<{ patient: string; content: string }>(
    prepared(sql`
      SELECT r.patient, r.content ${asked}
       WHERE r.type IN (${words(types)}) AND NOT r.deleted AND (r.type <> 'Task' OR r.tokens && ${IS_OPEN_TASK})
      ${inPlans.length > 0 ? ofThoseInPlans : sql``}`),
  )
  for (const { patient, content } of rows) {
    const own = standing.get(patient) ?? { carePlans: [], goals: [], tasks: [], consents: [], requests: [] }
    standing.set(patient, own)
    const resource = JSON.parse(content) as CarePlan | Consent | Goal | Task | (Resource & { resourceType: 'Patient' })
    const one = resource as unknown as Resource
    if (resource.resourceType === 'CarePlan') own.carePlans.push(resource)
    else if (resource.resourceType === 'Goal') own.goals.push(resource)
    else if (resource.resourceType === 'Task') own.tasks.push(...(isOpen(resource) ? [resource] : []))
    else if (resource.resourceType === 'Consent') own.consents.push(resource)
    else if (one.resourceType === 'Patient') own.patient = one
    else own.requests.push(one)
  }
  return standing
}

/** Resources by their reference, as they are now; those that are gone are missing. Both kinds of id are found by a key. */
export async function readAbout(tx: Queryable, references: string[]): Promise<Map<string, Resource>> {
  if (references.length === 0) return new Map()
  const wanted = [...new Set(references)].map((reference) => {
    const [type = '', id = ''] = reference.split('/')
    return { type, id, key: parseServerId(id) }
  })
  const { rows } = await tx.query<{ type: string; id: string; content: string }>(
    prepared(sql`
      SELECT r.type, r.id, r.content
        FROM unnest(${wanted.map(({ type }) => type)}::text[], ${wanted.map(({ id }) => id)}::text[],
                    ${wanted.map(({ key }) => key?.bucket ?? null)}::smallint[],
                    ${wanted.map(({ key }) => key?.rk ?? null)}::bigint[]) AS w(type, id, bucket, rk)
        LEFT JOIN placed_id p ON p.type = w.type AND p.id = w.id
        JOIN resource r ON r.bucket = coalesce(p.bucket, w.bucket) AND r.rk = coalesce(p.rk, w.rk)
       WHERE r.type = w.type AND r.id = w.id AND NOT r.deleted`),
  )
  return new Map(rows.map(({ type, id, content }) => [`${type}/${id}`, JSON.parse(content) as Resource]))
}

/** `Observation/1/_history/2`, as the patient's it must be. */
export type VersionAsked = { reference: string; patient: string }

/**
 * Resources as some version left them, in the order asked for. A version that is not kept is undefined, and so is what is another
 * patient's: nothing of one record is decided upon in another.
 */
export async function readVersions(tx: Queryable, asked: VersionAsked[]): Promise<(Resource | undefined)[]> {
  if (asked.length === 0) return []
  const wanted = asked.map(({ reference, patient }) => {
    const [type = '', id = '', , version] = reference.split('/')
    return { patient, type, id, version: Number(version), key: parseServerId(id) }
  })
  const { rows } = await tx.query<{ n: string; content: string | null }>(
    prepared(sql`
      SELECT w.n, coalesce(v.content, r.content) AS content
        FROM unnest(${wanted.map(({ patient }) => patient)}::text[], ${wanted.map(({ type }) => type)}::text[],
                    ${wanted.map(({ id }) => id)}::text[], ${wanted.map(({ version }) => version)}::int[],
                    ${wanted.map(({ key }) => key?.bucket ?? null)}::smallint[],
                    ${wanted.map(({ key }) => key?.rk ?? null)}::bigint[])
             WITH ORDINALITY AS w(patient, type, id, version, bucket, rk, n)
        LEFT JOIN placed_id p ON p.type = w.type AND p.id = w.id
        JOIN resource r ON r.bucket = coalesce(p.bucket, w.bucket) AND r.rk = coalesce(p.rk, w.rk)
        LEFT JOIN resource_version v ON v.bucket = r.bucket AND v.rk = r.rk AND v.version = w.version
       WHERE r.type = w.type AND r.id = w.id AND r.patient = w.patient AND (r.version = w.version OR v.version IS NOT NULL)`),
  )
  const found = new Map(rows.map(({ n, content }) => [Number(n), parsed(content)]))
  return asked.map((_, i) => found.get(i + 1))
}

/** How measurements were triaged before, by `triageKey`. */
export async function readTriages(tx: Tx, keys: string[]): Promise<Map<string, ClinicalImpression>> {
  if (keys.length === 0) return new Map()
  const tokens = keys.map((key) => tokenHash(systemCodeToken('ClinicalImpression.identifier', TRIAGE, key)))
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE tokens && ${tokens}::bigint[] AND type = 'ClinicalImpression' AND NOT deleted ORDER BY rk`),
  )
  const found = rows.map(({ content }) => JSON.parse(content) as ClinicalImpression)
  return new Map(found.map((impression) => [triageKeyOf(impression) ?? '', impression]))
}

/** Those of the versions, `Goal/1/_history/2`, of which some Provenance tells already. */
export async function readProven(tx: Tx, references: string[]): Promise<Set<string>> {
  if (references.length === 0) return new Set()
  const byHash = new Map(references.map((one) => [tokenHash(referenceToken('Provenance.target', one)), one]))
  const { rows } = await tx.query<{ token: string }>(
    prepared(sql`
      SELECT DISTINCT w.token FROM unnest(${[...byHash.keys()]}::bigint[]) AS w(token)
        JOIN resource r ON r.tokens @> ARRAY[w.token] AND r.type = 'Provenance' AND NOT r.deleted`),
  )
  return new Set(rows.flatMap(({ token }) => byHash.get(token) ?? []))
}

export type Wanted = { patient: string; requirement: DataRequirement }

/** What the rules' inputs ask for, by patient, newest first where an order is not asked for; one query for a whole batch. Found by patient, type and date, then by code. */
export async function readHistory(tx: Tx, wanted: Wanted[], now: Date): Promise<Map<string, Resource[]>> {
  const history = new Map<string, Resource[]>()
  if (wanted.length === 0) return history
  // Of a plan the same is asked for each of its patients.
  const known = new Map<DataRequirement, Asked>()
  const asked = wanted.map(({ requirement }) => {
    const one = known.get(requirement) ?? askedBy(requirement, now)
    known.set(requirement, one)
    return one
  })
  const { rows } = await tx.query<{ patient: string; content: string }>(
    prepared(sql`
      SELECT DISTINCT ON (r.bucket, r.rk) q.patient, r.content
        FROM unnest(${arrayLiteral(wanted.map((w) => w.patient))}::text[],
                    ${arrayLiteral(asked.map(({ type }) => type))}::text[],
                    ${arrayLiteral(asked.map(({ since }) => since))}::timestamptz[],
                    ${arrayLiteral(asked.map(({ countMax }) => countMax))}::int[],
                    ${arrayLiteral(asked.map(({ tokens }) => tokens))}::text[])
               AS q(patient, type, since, count_max, tokens)
       CROSS JOIN LATERAL (
         (SELECT bucket, rk, content FROM resource
           WHERE patient = q.patient AND type = q.type AND NOT deleted AND date_low >= q.since
             AND (q.tokens = '{}' OR tokens && q.tokens::bigint[])
           ORDER BY date_low DESC NULLS LAST, rk DESC LIMIT q.count_max)
         -- What says no time, such as most Conditions, was when it was issued or came.
         UNION ALL
         (SELECT bucket, rk, content FROM resource
           WHERE last_updated >= q.since AND patient = q.patient AND type = q.type AND NOT deleted AND date_low IS NULL
             AND (q.tokens = '{}' OR tokens && q.tokens::bigint[])
           ORDER BY rk DESC LIMIT q.count_max)) r
       ORDER BY r.bucket, r.rk`),
  )
  for (const { patient, content } of rows) {
    const own = history.get(patient)
    if (own) own.push(JSON.parse(content) as Resource)
    else history.set(patient, [JSON.parse(content) as Resource])
  }
  return history
}

/** What a requirement asks of the table. */
type Asked = { type: string; since: string; countMax: number; tokens: string }

const askedBy = (requirement: DataRequirement, now: Date): Asked => ({
  type: requirement.type,
  since: reachesBackTo(requirement, now)?.toISOString() ?? '-infinity',
  countMax: countMaxOf(requirement),
  tokens: `{${codeHashes(requirement).join(',')}}`,
})

/** A limit counts what meets every filter: where the query cannot ask them all, more is read, and the pure core picks. */
function countMaxOf({ sort, limit, codeFilter = [], dateFilter = [] }: DataRequirement): number {
  const [first, ...others] = codeFilter
  const isByCode = others.length === 0 && (!first || (first.path === 'code' && !first.valueSet))
  const isOpenEnded = dateFilter.every(({ valuePeriod, valueDateTime }) => !valuePeriod?.end && !valueDateTime)
  return sort || !isByCode || !isOpenEnded ? HISTORY_COUNT_MAX : (limit ?? HISTORY_COUNT_MAX)
}

/** The index of tokens knows `code` by system and code, and by the code alone for who names no system; other filters are left to the pure core. */
function codeHashes(requirement: DataRequirement): string[] {
  const filter = requirement.codeFilter?.find(({ path }) => path === 'code')
  const path = `${requirement.type}.code`
  return (filter?.code ?? []).map(({ system, code = '' }) =>
    tokenHash(system ? systemCodeToken(path, system, code) : codeToken(path, code)),
  )
}

const parsed = (text: string | null): Resource | undefined => (text ? (JSON.parse(text) as Resource) : undefined)
