import type { CommunicationRequest, Task } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { isThemself } from '../access/themself.ts'
import { findEnded } from '../authorization-server/find-ended.ts'
import type { PushKey } from '../authorization-server/keys/push-key.ts'
import { inTransaction, type Pool, prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { PushWish } from '../exchange.ts'
import type { Log } from '../log.ts'
import { type Position, readFeed } from '../outbox/feed.ts'
import { readChanged } from '../plans/facts.ts'
import { type Loop, startLoop } from '../process/loop.ts'
import { type Deliver, DeliveryFailure } from '../subscriptions/deliver.ts'
import { type Outcome, watchFailures } from './failure-watch.ts'
import { nextQuiet, type QuietHours, quietUntil } from './quiet-hours.ts'
import { removeSubscription } from './subscriptions.ts'
import { NOTICE } from './words.ts'

type PushRooms = {
  pool: Pool
  log: Pick<Log, 'warn'>
  now: () => Date
  key: () => Promise<PushKey>
  /** Whom a push service can ask: an https or mailto address. https://www.rfc-editor.org/rfc/rfc8292#section-2.1 */
  contact: string
  /** Whether clients and people of the demo count. */
  demo: boolean
  deliver: Deliver
  /** An access with what the person is here at this moment. */
  standingOf: (access: Access) => Promise<Access>
  onOutcome: (outcome: Outcome) => void
  /** Is told which Task there is to be while nobody is told; undefined for none. */
  tellTask: (wanted: Task | undefined) => Promise<void>
}

const POLL_MILLISECONDS = 1_000
const EVENT_COUNT_MAX = 200
/** Under way at once in a process; a service that is slow to answer has a part of them, and holds up no other. */
const AT_ONCE_MAX = 64
export const AT_ONE_HOST_MAX = 16
const TIMEOUT_MILLISECONDS = 10_000
/** Another process may try after this: whoever had it was killed. */
const LEASE_MILLISECONDS = 60_000
const RETRY_MILLISECONDS = [30_000, 120_000, 600_000]
/** So late a reminder is none any more. */
const GOOD_MILLISECONDS = 4 * 3_600_000
/** What a phone that was off is told is the newest alone: https://www.rfc-editor.org/rfc/rfc8030#section-5.4 */
const TOPIC = 'fylgje'
const PUSHED = sql`type = 'CommunicationRequest'`

/** Follows what patients are to be told, and pushes to their devices that there is something to do. Any number of processes may do so. */
export async function startPusher(rooms: PushRooms): Promise<Loop> {
  await keepPlace(rooms.pool)
  const sending = openSending(rooms, () => loop.wake())
  let failures = 0
  const loop = startLoop(async () => {
    try {
      const more = await sending.turn()
      failures = 0
      return more ? 0 : POLL_MILLISECONDS
    } catch (error) {
      failures += 1
      rooms.log.warn({ err: error }, 'pushing tries again')
      return Math.min(10_000, 100 * 2 ** failures)
    }
  })
  return {
    wake: loop.wake,
    async stop() {
      await loop.stop()
      // What came of the last of them is nobody's to mend any more; whoever stops the server has more to close.
      await sending.idle().catch((error: unknown) => rooms.log.warn({ err: error }, 'pushing stops with a fault'))
    },
  }
}

/** From now on, or from where it was. */
export async function keepPlace(pool: Pool): Promise<void> {
  await pool.query(sql`
    INSERT INTO push_place (xid, seq)
    SELECT coalesce(e.xid, '0'), coalesce(e.seq, 0)
      FROM (VALUES (1)) AS one LEFT JOIN LATERAL (SELECT xid, seq FROM event ORDER BY xid DESC, seq DESC LIMIT 1) e ON true
    ON CONFLICT DO NOTHING`)
}

/** For a database that was restored into another cluster: what was told is not told again. */
export async function rewindPushPlace(tx: Tx): Promise<void> {
  await tx.query(sql`
    UPDATE push_place p SET xid = '0', seq = coalesce(
      (SELECT min(e.seq) - 1 FROM event e WHERE (e.xid, e.seq) > (p.xid, p.seq)), (SELECT max(e.seq) FROM event e), 0)`)
}

export type PushSending = {
  /** Begins what there is and may be, and says whether there is more at once. What it has begun goes on after it. */
  turn(): Promise<boolean>
  /** Nothing is under way any more. */
  idle(): Promise<void>
}

/**
 * Each device is asked by itself, so many at once, and as soon as one has answered the next may begin.
 * @param onRoom others that are due waited for one that has answered, or has not in time
 */
export function openSending(rooms: PushRooms, onRoom: () => void): PushSending {
  const watch = watchFailures(rooms.now, rooms.tellTask)
  const underWay = new Map<Promise<void>, string>()
  /** What came of them since the last turn. */
  let outcomes: Outcome[] = []
  let fault: { error: unknown } | undefined
  /** More may be due than there was room for. */
  let isWaiting = false
  const countAt = (host: string) => [...underWay.values()].filter((one) => one === host).length

  const begin = (due: Due, at: Date) => {
    const sending = sendOne(rooms, due, at).then(
      (outcome) => void (outcome && outcomes.push(outcome)),
      (error: unknown) => {
        fault ??= { error }
      },
    )
    underWay.set(sending, due.host)
    void sending.then(() => {
      underWay.delete(sending)
      if (isWaiting) onRoom()
    })
  }

  const hear = async () => {
    const heard = outcomes
    outcomes = []
    for (const outcome of heard) rooms.onOutcome(outcome)
    await watch.heard(heard)
    const failed = fault
    fault = undefined
    if (failed) throw failed.error
  }

  /** @returns whether more may be due that there is room for */
  const sendDue = async (): Promise<boolean> => {
    const room = Math.min(AT_ONCE_MAX - underWay.size, AT_ONE_HOST_MAX)
    const full = [...new Set(underWay.values())].filter((host) => countAt(host) >= AT_ONE_HOST_MAX)
    isWaiting = room === 0 || full.length > 0
    if (room === 0) return false
    const at = rooms.now()
    const claimed = await claimDue(rooms, at, room, full)
    if (claimed.length === 0) return false
    try {
      await rooms.key()
    } catch (error) {
      await watch.keyFailed()
      throw error
    }
    const ended = await endedOf(rooms, claimed)
    const tooMany: string[] = []
    for (const due of claimed) {
      if (ended.has(due.id)) await removeSubscription(rooms.pool, due.id)
      else if (countAt(due.host) >= AT_ONE_HOST_MAX) tooMany.push(due.id)
      else begin(due, at)
    }
    await giveBack(rooms.pool, tooMany, at)
    isWaiting ||= tooMany.length > 0
    return claimed.length === room
  }

  return {
    async turn() {
      await hear()
      const read = await collect(rooms)
      const more = await sendDue()
      return more || read === EVENT_COUNT_MAX
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay.keys())
      await hear()
    },
  }
}

/** Puts down whose devices are to be told, in one transaction with the place in the feed. @returns how many events were read */
async function collect({ pool, now }: PushRooms): Promise<number> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<Position>(prepared(sql`SELECT xid, seq FROM push_place FOR UPDATE SKIP LOCKED`))
    const [place] = rows
    if (!place) return 0
    const events = await readFeed(tx, place, { countMax: EVENT_COUNT_MAX, only: PUSHED })
    const last = events.at(-1)
    if (!last) return 0
    const changed = await readChanged(tx, events)
    const at = now()
    const told = events.flatMap(({ patient, interaction }, i) => {
      const request = changed[i]?.current as unknown as CommunicationRequest | undefined
      return patient !== null && interaction === 'create' && request && isForPatient(request, patient) ? [patient] : []
    })
    await queue(tx, [...new Set(told)], at)
    await tx.query(prepared(sql`UPDATE push_place SET xid = ${last.xid}::xid8, seq = ${last.seq}::bigint`))
    return events.length
  })
}

/** Of now, and the patient's own to read. */
const isForPatient = ({ status, recipient = [] }: CommunicationRequest, patient: string): boolean =>
  status === 'active' && recipient.some(({ reference }) => reference === `Patient/${patient}`)

type Quiet = { id: string; quiet_from: number | null; quiet_until: number | null }

const hoursOf = ({ quiet_from: from, quiet_until: until }: Quiet): QuietHours | undefined =>
  from === null || until === null ? undefined : { from, until }

async function queue(tx: Tx, patients: string[], at: Date): Promise<void> {
  if (patients.length === 0) return
  const { rows } = await tx.query<Quiet>(
    prepared(sql`SELECT id, quiet_from, quiet_until FROM push_subscription WHERE patient = ANY (${patients}::text[])`),
  )
  const due = rows.map((one) => {
    const hours = hoursOf(one)
    return (hours && quietUntil(at, hours)) ?? at
  })
  await tx.query(
    prepared(sql`
      INSERT INTO push_notice (subscription, due_at, until)
      SELECT id, due_at, due_at + make_interval(secs => ${GOOD_MILLISECONDS / 1000})
        FROM unnest(${rows.map(({ id }) => id)}::text[], ${due.map((one) => one.toISOString())}::timestamptz[]) AS n(id, due_at)
      ON CONFLICT (subscription) DO UPDATE SET until = excluded.until, attempts = 0`),
  )
}

type Due = Pick<PushWish, 'endpoint' | 'p256dh' | 'auth' | 'language'> &
  Quiet & {
    /** Of the push service. */
    host: string
    patient: string
    access: Access
    attempts: number
    until: Date
  }

/** The host in the address of a device. */
const HOST = sql`lower(split_part(s.endpoint, '/', 3))`

/** Those that are due longest, at other hosts than these; no other process takes them while the lease lasts. */
async function claimDue({ pool }: PushRooms, at: Date, countMax: number, full: string[]): Promise<Due[]> {
  const { rows } = await pool.query<Due>(
    prepared(sql`
      UPDATE push_notice n SET due_at = ${at.toISOString()}::timestamptz + make_interval(secs => ${LEASE_MILLISECONDS / 1000}),
             attempts = n.attempts + 1
        FROM push_subscription s
       WHERE s.id = n.subscription AND n.subscription IN (
         SELECT d.subscription FROM push_notice d JOIN push_subscription s ON s.id = d.subscription
          WHERE d.due_at <= ${at.toISOString()}::timestamptz AND ${HOST} <> ALL (${full}::text[])
          ORDER BY d.due_at LIMIT ${countMax} FOR UPDATE OF d SKIP LOCKED)
      RETURNING s.id, ${HOST} AS host, s.patient, s.access, s.endpoint, s.p256dh, s.auth, s.language, s.quiet_from, s.quiet_until,
                n.attempts, n.until`),
  )
  return rows
}

/** What there is no room for at its host is due as before, and has not been tried. What was asked for anew meanwhile has begun anew. */
async function giveBack(pool: Pool, ids: string[], at: Date): Promise<void> {
  if (ids.length === 0) return
  await pool.query(sql`
    UPDATE push_notice SET due_at = ${at.toISOString()}::timestamptz, attempts = greatest(attempts - 1, 0)
     WHERE subscription = ANY (${ids}::text[])`)
}

/** Whose sign-in has ended, or who is not the patient, or the parent of a child, any more. */
async function endedOf({ pool, demo, standingOf }: PushRooms, rows: Due[]): Promise<Set<string>> {
  const [asked, others] = await Promise.all([
    findEnded(pool, rows, demo),
    Promise.all(
      rows.map(async ({ id, access, patient }) => (isThemself(await standingOf(access), patient) ? [] : [id])),
    ),
  ])
  return new Set([...asked.flatMap(({ id, reason }) => (reason === undefined ? [] : [id])), ...others.flat()])
}

/** The device has it, or has gone, or is tried again until it is too late. @returns undefined where it was not asked */
async function sendOne(rooms: PushRooms, due: Due, at: Date): Promise<Outcome | undefined> {
  const { pool, log } = rooms
  // Not what was asked for anew meanwhile, which is good for longer.
  const drop = () =>
    pool.query(
      sql`DELETE FROM push_notice WHERE subscription = ${due.id} AND until <= ${due.until.toISOString()}::timestamptz`,
    )
  if (due.until <= at) {
    await drop()
    return undefined
  }
  const hours = hoursOf(due)
  const quietEnds = hours && quietUntil(at, hours)
  // They have begun, or were changed, while it waited.
  if (quietEnds) {
    await putOff(pool, due.id, quietEnds)
    return undefined
  }
  // Nor does the push service keep it for a phone without a net until they have begun.
  const good = Math.min(due.until.getTime(), hours ? nextQuiet(at, hours).getTime() : Number.POSITIVE_INFINITY)
  try {
    await send(rooms, due, good - at.getTime())
    await drop()
    return 'told'
  } catch (error) {
    if (!(error instanceof DeliveryFailure || error instanceof Unsealable)) throw error
    const { status } = error
    if (status === 404 || status === 410) {
      await removeSubscription(pool, due.id)
      return 'gone'
    }
    const wait = RETRY_MILLISECONDS[due.attempts - 1]
    if (wait !== undefined && isPassing(error)) {
      await pool.query(sql`
        UPDATE push_notice SET due_at = ${new Date(at.getTime() + wait).toISOString()}::timestamptz WHERE subscription = ${due.id}`)
      return 'again'
    }
    // Where the device is says nothing of whose it is, but that of it which is secret is not logged.
    log.warn({ service: new URL(due.endpoint).host, reason: error.message }, 'a device could not be told')
    await drop()
    return status === 401 || status === 403 ? 'refused' : 'given-up'
  }
}

/** As one that comes in quiet hours. */
const putOff = (pool: Pool, id: string, quietEnds: Date) =>
  pool.query(sql`
    UPDATE push_notice SET due_at = ${quietEnds.toISOString()}::timestamptz, attempts = 0,
           until = ${new Date(quietEnds.getTime() + GOOD_MILLISECONDS).toISOString()}::timestamptz
     WHERE subscription = ${id}`)

/** Nobody answered, or the service has too much to do. */
const isPassing = (error: DeliveryFailure | Unsealable): boolean =>
  error instanceof DeliveryFailure && (error.status === undefined || error.status === 429 || error.status >= 500)

/** Nothing can be encrypted for this device, now or later. */
class Unsealable extends Error {
  readonly status = undefined
}

async function send({ key, contact, deliver }: PushRooms, due: Due, goodMilliseconds: number): Promise<void> {
  const { endpoint, p256dh, auth } = due
  const { publicKey, privateKey } = await key()
  // Thirty modules that a server without such devices never needs.
  const { default: webPush } = await import('web-push')
  const sealed = () =>
    webPush.generateRequestDetails(
      { endpoint, keys: { p256dh, auth } },
      JSON.stringify({ body: NOTICE[due.language], lang: due.language }),
      {
        vapidDetails: { subject: contact, publicKey, privateKey },
        ...{ contentEncoding: 'aes128gcm', topic: TOPIC, urgency: 'normal', TTL: Math.ceil(goodMilliseconds / 1000) },
      },
    )
  const { headers, body } = orUnsealable(sealed)
  const { 'Content-Type': type, 'Content-Length': _, ...others } = headers
  await deliver({
    ...{ url: new URL(endpoint), method: 'POST', timeoutMillis: TIMEOUT_MILLISECONDS },
    headers: Object.entries(others).map(([name, value]) => [name, String(value)] as const),
    body: { type: String(type), text: body ?? Buffer.alloc(0) },
  })
}

/** @throws Unsealable */
function orUnsealable<T>(seal: () => T): T {
  try {
    return seal()
  } catch (error) {
    throw new Unsealable(`Nothing can be encrypted for it: ${error instanceof Error ? error.message : error}`)
  }
}
