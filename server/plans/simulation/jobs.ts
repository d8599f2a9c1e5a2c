import type { Parameters } from '@medplum/fhirtypes'
import type { Resource } from '../../core/fhir/resource.ts'
import type { Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import type { SimulationAsked, SimulationJob, SimulationProgress } from '../../lifecycle/simulation.ts'

type Kept = Omit<SimulationAsked, 'start' | 'end'> & { start: string; end: string }
type Row = {
  id: string
  plan: string
  asked: Kept
  state: SimulationJob['state']
  progress: Partial<SimulationProgress> & { attempts?: number }
  result: string | null
  requested_at: Date
  finished_at: Date | null
}

/** A job whose worker has said nothing for so long has lost it. */
const SILENT_SECONDS = 60
/** What ends the process that works on it again and again is not begun for ever. */
const ATTEMPT_COUNT_MAX = 3
/** How long a result is kept. */
const KEPT_DAYS = 7

export type Requester = { actor: string; clientId: string }

export async function insertJob(db: Queryable, id: string, asked: SimulationAsked, by: Requester): Promise<void> {
  await db.query(sql`
    INSERT INTO simulation_job (id, plan, asked, requested_by, client, state, requested_at)
    VALUES (${id}, ${asked.plan}, ${JSON.stringify(asked)}::jsonb, ${by.actor}, ${by.clientId}, 'waiting', now())`)
}

/** Only whoever asked for it finds it. */
export async function findJob(db: Queryable, id: string, by: Requester): Promise<SimulationJob | undefined> {
  const { rows } = await db.query<Row>(sql`
    SELECT id, plan, asked, state, progress, result, requested_at, finished_at FROM simulation_job
     WHERE id = ${id} AND requested_by = ${by.actor} AND client = ${by.clientId}`)
  return rows[0] && toJob(rows[0])
}

/** @returns false when there is no such job of theirs */
export async function cancelJob(db: Queryable, id: string, by: Requester): Promise<boolean> {
  const { rowCount } = await db.query(sql`
    UPDATE simulation_job SET state = 'cancelled', result = NULL, finished_at = now()
     WHERE id = ${id} AND requested_by = ${by.actor} AND client = ${by.clientId} AND state <> 'cancelled'`)
  return (rowCount ?? 0) > 0
}

/** The next job that nobody works on, which is then ours. One that was begun too often is given up. */
export async function claimJob(db: Queryable): Promise<{ id: string; asked: SimulationAsked } | undefined> {
  await db.query(sql`
    UPDATE simulation_job SET state = 'failed', finished_at = now(), result = ${JSON.stringify(GIVEN_UP)}
     WHERE state = 'running' AND alive_at < now() - make_interval(secs => ${SILENT_SECONDS})
       AND (progress ->> 'attempts')::int >= ${ATTEMPT_COUNT_MAX}`)
  const { rows } = await db.query<Row>(sql`
    UPDATE simulation_job
       SET state = 'running', alive_at = now(),
           progress = jsonb_build_object('attempts', coalesce((progress ->> 'attempts')::int, 0) + 1)
     WHERE id = (SELECT id FROM simulation_job
                  WHERE state = 'waiting'
                     OR (state = 'running' AND alive_at < now() - make_interval(secs => ${SILENT_SECONDS}))
                  ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, plan, asked, state, progress, result, requested_at, finished_at`)
  return rows[0] && { id: rows[0].id, asked: toAsked(rows[0].asked) }
}

const GIVEN_UP = {
  resourceType: 'OperationOutcome',
  issue: [
    { severity: 'fatal', code: 'exception', diagnostics: 'The simulation was begun several times and never ended.' },
  ],
}

/** Says that somebody works on it, and how far they are. @returns false when it is not wanted any more */
export async function keepAlive(db: Queryable, id: string, progress: SimulationProgress): Promise<boolean> {
  const { rowCount } = await db.query(sql`
    UPDATE simulation_job SET alive_at = now(), progress = progress || ${JSON.stringify(progress)}::jsonb
     WHERE id = ${id} AND state = 'running'`)
  return (rowCount ?? 0) > 0
}

/** Gives it back: another process, or the next start, begins it anew. */
export async function releaseJob(db: Queryable, id: string): Promise<void> {
  await db.query(
    sql`UPDATE simulation_job SET state = 'waiting', alive_at = NULL WHERE id = ${id} AND state = 'running'`,
  )
}

/** Puts the result there, unless it was cancelled meanwhile. */
export async function finishJob(
  db: Queryable,
  id: string,
  result: { done: Parameters } | { failed: Resource },
): Promise<void> {
  const [state, body] = 'done' in result ? ['done', result.done] : ['failed', result.failed]
  await db.query(sql`
    UPDATE simulation_job SET state = ${state}, result = ${JSON.stringify(body)}, finished_at = now()
     WHERE id = ${id} AND state = 'running'`)
}

export async function forgetOldJobs(db: Queryable): Promise<void> {
  await db.query(sql`DELETE FROM simulation_job WHERE finished_at < now() - make_interval(days => ${KEPT_DAYS})`)
}

const toJob = ({ id, plan, state, progress, result, requested_at, finished_at }: Row): SimulationJob => ({
  ...{ id, plan, state, requestedAt: requested_at },
  ...(progress.patientCount === undefined ? {} : { progress: progress as SimulationProgress }),
  ...(result === null ? {} : { result }),
  ...(finished_at ? { finishedAt: finished_at } : {}),
  ...(finished_at ? { keptUntil: new Date(finished_at.getTime() + KEPT_DAYS * 86_400_000) } : {}),
})

const toAsked = ({ start, end, ...rest }: Kept): SimulationAsked => ({
  ...rest,
  start: new Date(start),
  end: new Date(end),
})
