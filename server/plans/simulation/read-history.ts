import type { CarePlan, Goal, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../../access/engine-access.ts'
import { DATA_ACCESS_WRITER } from '../../core/decide/plan/data-access.ts'
import { happenedAt } from '../../core/decide/plan/data-requirement.ts'
import { ENGINE } from '../../core/decide/plan/vocabulary.ts'
import type { RealTask } from '../../core/decide/simulation/compare.ts'
import type { StoredVersion } from '../../core/decide/simulation/play-ground.ts'
import { ruleOf } from '../../core/decide/task/finding-task.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { prepared, type Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import type { SimulationClock } from '../../lifecycle/simulation.ts'
import { inTurns } from '../../turns.ts'

/** What one patient's life was in the store. */
export type PatientHistory = {
  patient: string
  /** Every version that the rules may look at, in the order in which they came. */
  versions: StoredVersion[]
  /** Every version of the Tasks that the engine made. */
  engineTasks: Task[]
  realTasks: RealTask[]
}

type Row = {
  patient: string
  type: string
  id: string
  bucket: number
  rk: string
  version: number
  last_updated: Date
  content: string | null
}

/** Results are many, and never the engine's own: who wrote them is not asked. */
const RESULTS = ['Observation', 'QuestionnaireResponse', 'DiagnosticReport']

/** What was stored so much later than it was measured was brought in from elsewhere. */
const TAKEN_OVER_AFTER = 7 * 86_400_000

/**
 * The histories of some patients, in all versions, those too that were deleted. Results that were measured before `since` are left
 * out. Four queries for all of them together.
 */
export async function readHistories(
  db: Queryable,
  {
    patients,
    types,
    since,
    clock,
  }: { patients: string[]; types: string[]; since: Date; clock: SimulationClock | undefined },
): Promise<PatientHistory[]> {
  const current = await readCurrent(db, patients, types, since)
  const before = await readBefore(db, current)
  const all = [...current, ...before]
  const ownWriters = await readOwnWriters(
    db,
    all.filter(({ type }) => !RESULTS.includes(type)),
  )
  const rows = Map.groupBy(all, ({ patient }) => patient)
  const histories: PatientHistory[] = []
  for (const patient of patients)
    histories.push(await toHistory(patient, rows.get(patient) ?? [], { ownWriters, clock }))
  return histories
}

async function readCurrent(db: Queryable, patients: string[], types: string[], since: Date): Promise<Row[]> {
  const { rows } = await db.query<Row>(
    prepared(sql`
      SELECT patient, type, id, bucket, rk, version, last_updated, content FROM resource
       WHERE patient = ANY (${patients}::text[]) AND type = ANY (${types}::text[]) AND NOT deleted
         AND (type <> ALL (${RESULTS}::text[]) OR date_low >= ${since.toISOString()}::timestamptz OR date_low IS NULL)
      UNION ALL
      SELECT patient, type, id, bucket, rk, version, last_updated, content FROM resource
       WHERE patient = ANY (${patients}::text[]) AND type = ANY (${types}::text[]) AND deleted`),
  )
  return rows
}

async function readBefore(db: Queryable, current: Row[]): Promise<Row[]> {
  const changed = current.filter(({ version }) => version > 1)
  if (changed.length === 0) return []
  const { rows } = await db.query<Row>(
    prepared(sql`
      SELECT v.patient, v.type, v.id, v.bucket, v.rk, v.version, v.last_updated, v.content
        FROM unnest(${changed.map(({ bucket }) => bucket)}::smallint[], ${changed.map(({ rk }) => rk)}::bigint[]) AS k(bucket, rk)
        JOIN resource_version v USING (bucket, rk)
       WHERE v.patient IS NOT NULL`),
  )
  return rows
}

/** Who of this server wrote them, by `rk version`, where it was no caller. The change feed knows; it is found by type and moment. */
async function readOwnWriters(db: Queryable, versions: Row[]): Promise<OwnWriters> {
  if (versions.length === 0) return new Map()
  const { rows } = await db.query<{ rk: string; version: number; actor: string }>(
    prepared(sql`
      SELECT e.rk, e.version, e.actor
        FROM unnest(${versions.map(({ type }) => type)}::text[], ${versions.map((v) => v.last_updated.toISOString())}::timestamptz[],
                    ${versions.map(({ rk }) => rk)}::bigint[], ${versions.map(({ version }) => version)}::int[])
               AS w(type, at, rk, version)
        JOIN event e ON e.type = w.type AND e.recorded_at = w.at AND e.rk = w.rk AND e.version = w.version
       WHERE e.actor = ANY (${[ENGINE, TELLS_ACCESS]}::text[])`),
  )
  return new Map(rows.map((row) => [keyOf(row), row.actor]))
}

const { actor: TELLS_ACCESS } = engineAccess(DATA_ACCESS_WRITER)

const keyOf = ({ rk, version }: Pick<Row, 'rk' | 'version'>) => `${rk} ${version}`

type OwnWriters = ReadonlyMap<string, string>
type Reading = { ownWriters: OwnWriters; clock: SimulationClock | undefined }
type Read = StoredVersion & { row: Row }

async function toHistory(patient: string, rows: Row[], { ownWriters, clock }: Reading): Promise<PatientHistory> {
  // There may be many thousands.
  const read = await inTurns(rows, (row): Read => {
    const resource = row.content === null ? undefined : (JSON.parse(row.content) as Resource)
    const at = resource && row.version === 1 ? cameAt(resource, row.last_updated, clock) : row.last_updated
    const { type, id } = row
    const writer = ownWriters.get(keyOf(row))
    const by = { byEngine: writer === ENGINE, tellsAccess: writer === TELLS_ACCESS }
    return { type, id, at, ...by, row, ...(resource ? { resource } : {}) }
  })
  if (clock !== 'stored') takeAlong(read)
  read.sort(inOrder)
  const tasks = Map.groupBy(
    read.filter(({ type, resource }) => type === 'Task' && resource && ruleOf(resource as unknown as Task)),
    ({ row }) => row.rk,
  )
  const ofEngine = [...tasks.values()].filter(([first]) => first?.byEngine && first.row.version === 1)
  return {
    patient,
    versions: read.map(({ row: _row, ...version }) => version),
    engineTasks: ofEngine.flat().map(({ resource }) => resource as unknown as Task),
    realTasks: ofEngine.flatMap((versions) => {
      const [made, task] = [versions[0], versions.at(-1)]
      return made && task ? [{ made: toTask(made), task: toTask(task), at: made.at }] : []
    }),
  }
}

/** What was stored together with an enrolment that was taken over, its goals and orders, is as old as it. */
function takeAlong(read: Read[]): void {
  const takenOver = read.filter(({ type, at, row }) => type === 'CarePlan' && at < row.last_updated)
  const since = new Map(takenOver.map(({ at, row }) => [row.last_updated.getTime(), at]))
  for (const one of read) {
    const at = since.get(one.row.last_updated.getTime())
    if (at && one.row.version === 1 && at < one.at && !RESULTS.includes(one.type) && one.type !== 'Task') one.at = at
  }
}

const toTask = ({ resource }: Read) => resource as unknown as Task

/** As they came; of one moment in the order of the store's keys. */
function inOrder(one: Read, other: Read): number {
  const byMoment =
    one.at.getTime() - other.at.getTime() || one.row.last_updated.getTime() - other.row.last_updated.getTime()
  if (byMoment !== 0) return byMoment
  if (one.row.rk === other.row.rk) return one.row.version - other.row.version
  return one.row.rk.length - other.row.rk.length || (one.row.rk < other.row.rk ? -1 : 1)
}

function cameAt(resource: Resource, storedAt: Date, clock: SimulationClock | undefined): Date {
  if (clock === 'stored') return storedAt
  const saidAt = new Date(Math.min(beganAt(resource, storedAt), storedAt.getTime()))
  return clock === 'measured' || storedAt.getTime() - saidAt.getTime() > TAKEN_OVER_AFTER ? saidAt : storedAt
}

/** When what a resource tells of was, or began. */
function beganAt(resource: Resource, storedAt: Date): number {
  switch (resource.resourceType) {
    case 'CarePlan':
      return Date.parse((resource as unknown as CarePlan).period?.start ?? '') || storedAt.getTime()
    case 'Goal':
      return Date.parse((resource as unknown as Goal).startDate ?? '') || storedAt.getTime()
    case 'Patient':
      return Number.NEGATIVE_INFINITY
    case 'QuestionnaireResponse':
      return happenedAt(resource, 'authored', storedAt)
    case 'Observation':
    case 'DiagnosticReport':
      return happenedAt(resource, 'effective', storedAt)
    default:
      return Date.parse(String(resource.authoredOn ?? '')) || storedAt.getTime()
  }
}
