import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Store } from '../store/store.ts'
import type { Asked } from './asked.ts'
import type { Bases, BasisNow } from './basis.ts'
import { readLiving, type SubscriptionRow } from './rows.ts'
import { endingOf, type SendRooms } from './send.ts'

export type SweepRooms = Pick<SendRooms, 'pool' | 'life' | 'askedBy' | 'now'> & {
  bases: Pick<Bases, 'lookUp'>
  store: Pick<Store, 'read'>
  /** Older events are not kept. */
  eventHours: number
}

/**
 * Ends what rests on nothing any more, whether there is something to be sent or not.
 * @param isPruning whether events that are past their time are forgotten, too
 * @returns whether there are any
 */
export async function sweep(rooms: SweepRooms, isPruning: boolean): Promise<boolean> {
  const rows = await readLiving(rooms.pool)
  if (rows.length === 0) return false
  const basisNow = await rooms.bases.lookUp([...new Set(rows.map(({ basis }) => basis))])
  for (const row of rows) {
    const reason = await endingNow(rooms, row, await basisNow(row.basis))
    if (reason) await rooms.life.end(row, reason)
  }
  if (isPruning) await prune(rooms, rows)
  return true
}

async function endingNow(rooms: SweepRooms, row: SubscriptionRow, basis: BasisNow): Promise<string | undefined> {
  if (!('access' in basis)) return basis.ended
  try {
    const asked = rooms.askedBy(row)
    return endingOf(asked, basis.access, rooms.now()) ?? (await lostPatient(rooms, asked, basis.access))
  } catch (error) {
    // What cannot be understood any more is in error when it is to be sent.
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** Of a person who is told of one patient alone: whether they have to do with that patient still. */
async function lostPatient({ store }: SweepRooms, asked: Asked, access: Access): Promise<string | undefined> {
  if (!access.standing) return undefined
  const patients = asked.watches.map(({ query }) => patientNamed(query.understood))
  const [patient] = patients
  if (patient === undefined || patients.some((one) => one !== patient)) return undefined
  // By the same relation alone: an app need not be let to the Patient to be told of what is the patient's.
  const levels = [...new Set(access.scopes.map(({ level }) => level))]
  const related = { ...access, scopes: parseScopes(levels.map((level) => `${level}/Patient.r`).join(' ')) }
  try {
    await store.read(related, 'Patient', patient)
    return undefined
  } catch (error) {
    // What is not to be had for a while is no end.
    if (!(error instanceof Refusal) || error.status >= 500) throw error
    return 'Its owner has nothing to do with the patient any more, or the patient has closed the record.'
  }
}

const patientNamed = (search: string): string | undefined => {
  const params = new URLSearchParams(search)
  const named = ['patient', 'subject'].map((name) => params.get(name)).find((value) => value !== null)
  return /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/.exec(named ?? '')?.[1]
}

/**
 * Events that are past their time, with the Subscriptions that have not got to them: these have lost something, and are told so. Of one
 * that goes on nothing is forgotten that it has not been told of.
 */
async function prune({ pool, life, eventHours }: SweepRooms, rows: SubscriptionRow[]): Promise<void> {
  const { rows: times } = await pool.query<{ cutoff: Date }>(
    prepared(sql`SELECT now() - make_interval(hours => ${eventHours}::int) AS cutoff`),
  )
  const cutoff = times[0]?.cutoff.toISOString()
  if (cutoff === undefined) return
  const { rows: lost } = await pool.query<{ id: string }>(
    prepared(sql`
      SELECT s.id FROM subscription s WHERE s.channel <> 'websocket' AND s.status <> 'off' AND EXISTS (
        SELECT FROM subscription_event e WHERE e.subscription = s.id AND e.number > s.delivered_number
           AND e.recorded_at < ${cutoff}::timestamptz)`),
  )
  const names = new Set(lost.map(({ id }) => id))
  for (const row of rows.filter(({ id }) => names.has(id)))
    await life.end(row, `Events that were not taken for ${eventHours} hours are not kept any longer.`, { isTold: true })
  await pool.query(
    prepared(sql`
      DELETE FROM subscription_event e USING subscription s
       WHERE e.recorded_at < ${cutoff}::timestamptz AND s.id = e.subscription
         AND (s.channel = 'websocket' OR s.status = 'off' OR e.number <= s.delivered_number)`),
  )
}
