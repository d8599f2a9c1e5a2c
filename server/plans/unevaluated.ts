import type { CarePlan, PlanDefinition, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { TASK_CODE } from '../core/decide/plan/vocabulary.ts'
import { silenceOwner, toldAt } from '../core/decide/silence/silence-owner.ts'
import { endSilence, findSilenceTask, silenceCode, silenceTask } from '../core/decide/silence/silence-task.ts'
import { unevaluatedInWords } from '../core/decide/silence/silence-words.ts'
import { toldConcept } from '../core/decide/words/told.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { systemCodeToken, tokenHash } from '../search/token-hash.ts'
import type { Change } from '../store/store.ts'
import { IS_OWN_TRIAGE } from './cursor.ts'
import { OPEN_TASK_HASHES, readStanding } from './facts.ts'
import type { KeeperRooms } from './keeper.ts'
import { type PlanBook, plansOf } from './plan-book.ts'

const KEEPER = engineAccess('plan-keeper')

/** A result that lies for less than this is on its way; nothing more is looked up for it. */
const UNDER_WAY_MILLISECONDS = 5_000
/** Of each part of the feed so many events are counted: what matters beyond is that they are many. */
const EVENT_COUNT_MAX = 2_000
/** An open Task is told the newest numbers this often. */
const TELL_AGAIN_MILLISECONDS = 60_000

/**
 * What is sent and not evaluated cannot be told by an engine that stands still, so the keeper of plans looks: at the oldest event that the
 * engine has not read. Where that is a result of somebody whom a plan follows, and older than the plan allows, its owner gets one Task
 * for all of them, and it is taken back once they are evaluated. It is worked out from the feed each time; there is no state to lose.
 * @returns the duty; it costs one look-up in an index for each part of the feed while nothing waits for longer than some plan allows
 */
export function createLagWatch(): (rooms: KeeperRooms) => Promise<boolean> {
  /** Some Task may be open: at the start one of an earlier process. */
  let hasTold = true
  return async ({ pool, store, now, onCommit, readBook }) => {
    const at = now()
    const oldest = await readOldestUnread(pool)
    const isLate = oldest !== undefined && at.getTime() - oldest.getTime() > UNDER_WAY_MILLISECONDS
    if (!isLate && !hasTold) return false
    const book = await readBook(pool)
    // An engine that has much to do lets all wait for a while: who they are is looked up when some plan does not allow it any more.
    if (!hasTold && !book.plans.some(({ definition }) => isTooLong(definition, oldest, at))) return false
    const waiting = isLate ? await readWaiting(pool, book) : []
    const late = waiting.filter(({ plan, since }) => isTooLong(plan, since, at))
    const changed = await inTransaction(pool, async (tx) => {
      if (!(await isMine(tx))) return 0
      const open = await readToldTasks(tx)
      const changes = [...ended(open, waiting, at), ...late.flatMap((one) => told(one, open, at))]
      if (changes.length > 0) await store.writeIn(tx, KEEPER, changes)
      hasTold = late.length > 0 || (open.length > 0 && waiting.length > 0)
      return changes.length
    })
    if (changed > 0) onCommit()
    return false
  }
}

/** Whether a result that came then, and is not evaluated, is to be told. */
function isTooLong(plan: PlanDefinition, since: Date | undefined, now: Date): boolean {
  const owner = silenceOwner(plan, 'not-evaluated')
  return owner !== undefined && since !== undefined && toldAt(owner, since) <= now
}

/** One keeper at a time tells it. */
async function isMine(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ mine: boolean }>(
    prepared(sql`SELECT pg_try_advisory_xact_lock(hashtext('results that are not evaluated')) AS mine`),
  )
  return rows[0]?.mine === true
}

/** When the oldest event came that the engine has not read. */
async function readOldestUnread(db: Queryable): Promise<Date | undefined> {
  const { rows } = await db.query<{ oldest: Date | null }>(
    prepared(sql`
      SELECT min(e.recorded_at) AS oldest FROM engine_cursor c CROSS JOIN LATERAL (
        SELECT recorded_at FROM event
         WHERE bucket % 16 = c.partition AND (xid, seq) > (c.xid, c.seq) AND NOT ${IS_OWN_TRIAGE}
         ORDER BY xid, seq LIMIT 1) e`),
  )
  return rows[0]?.oldest ?? undefined
}

/** The results that wait, of the patients whom one plan follows. */
type Waiting = { plan: PlanDefinition; results: number; patients: number; since: Date }

async function readWaiting(db: Queryable, book: PlanBook): Promise<Waiting[]> {
  const { rows } = await db.query<{ patient: string; results: number; since: Date }>(
    prepared(sql`
      SELECT e.patient, count(*)::int AS results, min(e.recorded_at) AS since
        FROM engine_cursor c CROSS JOIN LATERAL (
          SELECT type, patient, recorded_at FROM event WHERE bucket % 16 = c.partition AND (xid, seq) > (c.xid, c.seq)
           ORDER BY xid, seq LIMIT ${EVENT_COUNT_MAX}) e
       WHERE e.type IN ('Observation', 'QuestionnaireResponse') AND e.patient IS NOT NULL
       GROUP BY e.patient`),
  )
  const carePlans = await readStanding(
    db,
    rows.map(({ patient }) => patient),
    ['CarePlan'],
  )
  const byPlan = new Map<string, Waiting>()
  for (const { patient, results, since } of rows) {
    for (const plan of followedBy(carePlans.get(patient)?.carePlans ?? [], book)) {
      const known = byPlan.get(String(plan.url))
      byPlan.set(String(plan.url), {
        plan,
        results: (known?.results ?? 0) + results,
        patients: (known?.patients ?? 0) + 1,
        since: known && known.since < since ? known.since : since,
      })
    }
  }
  return [...byPlan.values()]
}

const followedBy = (carePlans: CarePlan[], book: PlanBook): PlanDefinition[] =>
  carePlans
    .filter(({ status }) => status === 'active')
    .flatMap((carePlan) => plansOf(carePlan, book).plans.map(({ definition }) => definition))

const TOLD_HASH = tokenHash(systemCodeToken('Task.code', TASK_CODE, silenceCode('not-evaluated')))

async function readToldTasks(tx: Tx): Promise<Task[]> {
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE type = 'Task' AND NOT deleted AND tokens @> ARRAY[${TOLD_HASH}::bigint] AND tokens && ${OPEN_TASK_HASHES}::bigint[]
         FOR UPDATE`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Task)
}

const aboutOf = ({ id }: PlanDefinition) => `PlanDefinition/${id}`

function ended(open: Task[], waiting: Waiting[], now: Date): Change[] {
  const still = new Set(waiting.map(({ plan }) => aboutOf(plan)))
  return open
    .filter(({ focus }) => !still.has(String(focus?.reference)))
    .flatMap((task) => endSilence([task], 'not-evaluated', String(task.focus?.reference), now))
    .map((task) => ({ interaction: 'update', resource: task as unknown as Resource, id: String(task.id) }))
}

function told({ plan, since, ...counts }: Waiting, open: Task[], now: Date): Change[] {
  const clock = silenceOwner(plan, 'not-evaluated')
  if (!clock) return []
  const words = unevaluatedInWords(counts, since)
  const known = findSilenceTask(open, 'not-evaluated', aboutOf(plan))
  if (!known) {
    const { owner, after } = clock
    const silent = { silence: 'not-evaluated' as const, owner, after, about: aboutOf(plan), since, told: words }
    const { id: _unset, ...task } = silenceTask(silent, { id: '', now })
    return [{ interaction: 'create', resource: task as unknown as Resource }]
  }
  const isRecent = now.getTime() - Date.parse(known.lastModified ?? '') < TELL_AGAIN_MILLISECONDS
  if (isRecent || known.reasonCode?.text === words.nb) return []
  const task = { ...known, reasonCode: toldConcept(words), lastModified: now.toISOString() }
  return [{ interaction: 'update', resource: task as unknown as Resource, id: String(known.id) }]
}
