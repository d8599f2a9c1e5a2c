import { type Timer, type TimerDecision, type TimerKey, type TimerKind, timerId } from '../core/decide/timer.ts'
import { prepared, type Queryable, type Tx, together } from '../db/pool.ts'
import { each, type SqlFragment, sql, words } from '../db/sql.ts'

/** A timer with its place: whose it is (nobody's, for a moment of the whole house), and in which part of the work. */
export type PlacedTimer = Timer & { patient?: string; partition: number }

/** A timer that could not be handled rings again after this. */
export const TIMER_RETRY_MILLISECONDS = 3_600_000

export type TimerRow = {
  kind: TimerKind
  about: string
  plan: string
  name: string
  patient: string | null
  partition: number
  due_at: Date
  payload: Timer['payload'] | null
}

/** What should become of the timers; collected over a round and written once. */
export type TimerChanges = {
  due: Map<string, PlacedTimer & { act: TimerAct }>
  dropped: Map<string, TimerKey>
  /** All of a kind about one resource, as `kind about`. */
  cleared: Map<string, Pick<TimerKey, 'kind' | 'about'>>
}
/** `start` leaves a timer that runs as it is. */
type TimerAct = 'start' | 'set'

export const noTimerChanges = (): TimerChanges => ({ due: new Map(), dropped: new Map(), cleared: new Map() })

/**
 * The timers of these parts that have rung, oldest first. The lock on the part keeps other workers away from them.
 * @param kinds what this worker can handle: during an upgrade a newer one may have set timers that only it understands
 */
export async function claimTimers(
  tx: Tx,
  { partitions, kinds, now, countMax }: { partitions: number[]; kinds: TimerKind[]; now: Date; countMax: number },
): Promise<PlacedTimer[]> {
  const { rows } = await tx.query<TimerRow>(
    prepared(sql`
      SELECT kind, about, plan, name, patient, partition, due_at, payload FROM timer
       WHERE due_at <= ${now.toISOString()}::timestamptz AND partition = ANY (${partitions}::smallint[])
         AND kind = ANY (${kinds}::text[])
       ORDER BY due_at LIMIT ${countMax} FOR UPDATE SKIP LOCKED`),
  )
  return rows.map(toTimer)
}

/** The timers of these kinds that run for these patients, by patient. */
export async function readTimers(
  db: Queryable,
  patients: string[],
  kinds: TimerKind[],
): Promise<Map<string, PlacedTimer[]>> {
  const { rows } = await db.query<TimerRow>(
    prepared(sql`
      SELECT t.kind, t.about, t.plan, t.name, t.patient, t.partition, t.due_at, t.payload
        FROM ${each(patients)} AS p(patient) JOIN timer t ON t.patient = p.patient AND t.kind IN (${words(kinds)})`),
  )
  return Map.groupBy(rows.map(toTimer), ({ patient = '' }) => patient)
}

export function toTimer({ kind, about, plan, name, patient, partition, due_at, payload }: TimerRow): PlacedTimer {
  return {
    ...{ kind, about, name, partition, dueAt: due_at },
    ...(plan === '' ? {} : { plan }),
    ...(patient === null ? {} : { patient }),
    ...(payload === null ? {} : { payload }),
  }
}

/**
 * Notes what was decided about a timer, on top of what was noted before in the same round.
 * @param place whose timer it will be, if it is set
 */
export function noteTimer(
  changes: TimerChanges,
  decision: TimerDecision,
  { patient, partition }: Pick<PlacedTimer, 'patient' | 'partition'>,
): void {
  // Of a timer that rang, given as the place of the next, nothing else counts: not when it was due.
  const place = { partition, ...(patient === undefined ? {} : { patient }) }
  switch (decision.act) {
    case 'clear': {
      const { kind, about } = decision
      changes.cleared.set(`${kind} ${about}`, { kind, about })
      for (const [id, timer] of changes.due) if (timer.about === about && timer.kind === kind) changes.due.delete(id)
      return
    }
    case 'drop':
      changes.due.delete(timerId(decision.timer))
      changes.dropped.set(timerId(decision.timer), decision.timer)
      return
    case 'start':
      if (changes.due.has(timerId(decision.timer))) return
      changes.due.set(timerId(decision.timer), { ...decision.timer, ...place, act: 'start' })
      return
    case 'set':
      changes.due.set(timerId(decision.timer), { ...decision.timer, ...place, act: 'set' })
  }
}

/** Whether the round has said what becomes of this timer. */
export function isNoted({ due, dropped, cleared }: TimerChanges, timer: TimerKey): boolean {
  const id = timerId(timer)
  return due.has(id) || dropped.has(id) || cleared.has(`${timer.kind} ${timer.about}`)
}

export async function writeTimers(tx: Tx, { due, dropped, cleared }: TimerChanges): Promise<void> {
  const byAct = Map.groupBy(due.values(), ({ act }) => act)
  // In this order: what is set anew may be of the same name as what is dropped.
  const statements = [
    ...(cleared.size > 0 ? [clearStatement([...cleared.values()])] : []),
    ...(dropped.size > 0 ? [dropStatement([...dropped.values()])] : []),
    ...[...byAct].map(([act, timers]) => upsertStatement(timers, ON_CONFLICT[act])),
  ]
  await together(tx, () => statements.map((statement) => tx.query(statement)))
}

const ON_CONFLICT: Record<TimerAct, SqlFragment> = {
  start: sql`NOTHING`,
  set: sql`UPDATE SET due_at = excluded.due_at, partition = excluded.partition, patient = excluded.patient,
                      payload = excluded.payload`,
}

function upsertStatement(timers: PlacedTimer[], onConflict: SqlFragment) {
  return prepared(sql`
    INSERT INTO timer AS t (kind, about, plan, name, patient, partition, due_at, payload)
    SELECT kind, about, plan, name, patient, partition, due_at, payload::jsonb FROM unnest(
      ${timers.map(({ kind }) => kind)}::text[], ${timers.map(({ about }) => about)}::text[],
      ${timers.map(({ plan = '' }) => plan)}::text[], ${timers.map(({ name }) => name)}::text[],
      ${timers.map(({ patient = null }) => patient)}::text[], ${timers.map(({ partition }) => partition)}::smallint[],
      ${timers.map(({ dueAt }) => dueAt.toISOString())}::timestamptz[],
      ${timers.map(({ payload }) => (payload ? JSON.stringify(payload) : null))}::text[])
      AS n(kind, about, plan, name, patient, partition, due_at, payload)
    ON CONFLICT (about, kind, plan, name) DO ${onConflict}`)
}

function clearStatement(keys: Pick<TimerKey, 'kind' | 'about'>[]) {
  return prepared(sql`
    DELETE FROM timer t
     USING unnest(${keys.map(({ about }) => about)}::text[], ${keys.map(({ kind }) => kind)}::text[]) AS k(about, kind)
     WHERE t.about = k.about AND t.kind = k.kind`)
}

function dropStatement(keys: TimerKey[]) {
  return prepared(sql`
    DELETE FROM timer t
     USING unnest(${keys.map(({ about }) => about)}::text[], ${keys.map(({ kind }) => kind)}::text[],
                  ${keys.map(({ plan = '' }) => plan)}::text[], ${keys.map(({ name }) => name)}::text[])
             AS k(about, kind, plan, name)
     WHERE t.about = k.about AND t.kind = k.kind AND t.plan = k.plan AND t.name = k.name`)
}
