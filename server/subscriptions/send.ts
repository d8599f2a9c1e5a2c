import type { Access } from '../access/access.ts'
import { reachOf } from '../access/reach.ts'
import { agentOf } from '../audit/agent.ts'
import type { Audit } from '../audit/audit.ts'
import { patientsIn } from '../audit/patients-in.ts'
import { stringifyJson } from '../core/fhir/json.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Pool } from '../db/pool.ts'
import type { Store } from '../store/store.ts'
import type { Asked } from './asked.ts'
import type { Bases } from './basis.ts'
import { type Deliver, DeliveryFailure, type Sending } from './deliver.ts'
import type { AskedBy } from './known-asked.ts'
import type { Life } from './life.ts'
import { type NoticeType, type ShownEvent, toMessage, toNotice } from './notice.ts'
import {
  holdClaim,
  noteDelivered,
  noteFailure,
  putOff,
  readEvents,
  releaseClaim,
  type SubscriptionRow,
} from './rows.ts'
import { showEvents } from './show.ts'

export type SendRooms = {
  pool: Pool
  store: Pick<Store, 'seen'>
  bases: Pick<Bases, 'now'>
  askedBy: AskedBy
  deliver: Deliver
  audit: Pick<Audit, 'note'>
  life: Life
  toXml: (text: string) => string
  baseUrl: string
  now: () => Date
  retry: Retry
  /** Told of each notice, for metrics. */
  onNotice: (outcome: 'taken' | 'failed') => void
}

export type Retry = {
  /** In a row, after which it waits to be asked for again. */
  attemptCountMax: number
  firstMillis: number
  longestMillis: number
}

const TIMEOUT_SECONDS_USUAL = 10
const FAULT = 'This server could not send what is to be sent, for a fault of its own, which its log tells.'

/** Sends what one Subscription has to be sent, notice after notice, and gives it back. @param sender who has claimed it */
export async function serve(
  rooms: SendRooms,
  claimed: SubscriptionRow,
  sender: string,
  isStopped: () => boolean,
): Promise<void> {
  let row: SubscriptionRow | undefined = claimed
  try {
    while (row && !isStopped()) row = await serveOnce(rooms, row, sender)
  } catch (error) {
    // Held until the claim is over, its owner would hear nothing for that long of what a moment may mend.
    await noteFault(rooms, row ?? claimed, sender).catch(() => {})
    throw error
  }
  if (row) await releaseClaim(rooms.pool, claimed.id, sender)
}

/** A fault of ours is tried again as one of the receiver’s is, and no oftener: what one cannot get past is told, and does not stay unseen. */
async function noteFault({ pool, life, retry }: SendRooms, row: SubscriptionRow, sender: string): Promise<void> {
  const failures = row.failures + 1
  if (failures < retry.attemptCountMax) return noteFailure(pool, row.id, sender, waitMillis(retry, failures))
  await life.fail(row, FAULT).catch(() => putOff(pool, row.id, sender, retry.longestMillis))
}

/** @returns the row, where there is more to be sent; undefined where it was given back */
async function serveOnce(rooms: SendRooms, row: SubscriptionRow, sender: string): Promise<SubscriptionRow | undefined> {
  const { pool, life, bases } = rooms
  const basis = await bases.now(row.basis)
  if (!('access' in basis)) return void (await life.end(row, basis.ended))
  const { access } = basis
  const asked = understood(rooms, row)
  if (typeof asked === 'string') return void (await life.fail(row, asked))
  const ending = endingOf(asked, access, rooms.now())
  if (ending) return void (await life.end(row, ending))
  if (asked.timeoutSeconds > TIMEOUT_SECONDS_USUAL && !(await holdClaim(pool, row.id, sender, asked.timeoutSeconds)))
    return undefined

  if (row.status === 'requested') {
    // R4 of its own knows no handshake, and whoever opens a socket shows by it that they are there.
    const isAsked = asked.topic !== undefined && asked.channel !== 'websocket'
    if (isAsked && !(await tell(rooms, { row, asked, access, sender, type: 'handshake', events: [] }))) return undefined
    // What is due from then on is claimed anew.
    return void (await life.activate(row, asked.heartbeatSeconds))
  }
  if (row.channel === 'websocket') return void (await releaseClaim(pool, row.id, sender))
  const events = await readEvents(pool, row.id, { after: row.delivered_number, countMax: asked.countMax })
  const isSilent = events.length === 0
  if (isSilent && asked.heartbeatSeconds === undefined) return done(rooms, row, asked, sender, row.last_number)
  const shown = await showEvents(rooms.store, access, asked.content, events)
  const type = isSilent ? 'heartbeat' : 'event-notification'
  if (!(await tell(rooms, { row, asked, access, sender, type, events: shown }))) return undefined
  // Where there are no events, none is kept up to the last number that there was.
  return done(rooms, row, asked, sender, events.at(-1)?.number ?? row.last_number)
}

async function done(
  { pool }: SendRooms,
  { id }: SubscriptionRow,
  { heartbeatSeconds }: Asked,
  sender: string,
  number: string,
): Promise<SubscriptionRow | undefined> {
  const after = await noteDelivered(pool, { id, sender, number, heartbeatSeconds })
  return after && BigInt(after.last_number) > BigInt(after.delivered_number) ? after : undefined
}

/** @returns why not, where it asks for something that is not there any more */
function understood({ askedBy }: SendRooms, row: SubscriptionRow): Asked | string {
  try {
    return askedBy(row)
  } catch (error) {
    if (error instanceof Refusal) return `It cannot be understood any more: ${error.message}`
    throw error
  }
}

/** Why it is over, by the clock or by what its owner may see; undefined where it is not. */
export function endingOf(asked: Asked, access: Access, now: Date): string | undefined {
  if (asked.end !== undefined && Date.parse(asked.end) <= now.getTime()) return 'Its end has come.'
  const isOutOfReach = asked.watches.every(({ type }) => reachOf(access, type, 'r').kind === 'none')
  return isOutOfReach ? 'Its owner may not see anything any more of what it is about.' : undefined
}

type Telling = {
  row: SubscriptionRow
  asked: Asked
  access: Access
  sender: string
  type: NoticeType
  events: ShownEvent[]
}

/** @returns whether it was taken; where not, that is written down and it is tried again, or it is in error */
async function tell(rooms: SendRooms, telling: Telling): Promise<boolean> {
  const { row, sender, access } = telling
  try {
    await auditNotice(rooms, row.id, access, telling.events)
    for (const sending of sendingsOf(rooms, telling)) await rooms.deliver(sending)
    rooms.onNotice('taken')
    return true
  } catch (error) {
    if (!(error instanceof DeliveryFailure)) throw error
    rooms.onNotice('failed')
    const failures = row.failures + 1
    if (failures >= rooms.retry.attemptCountMax) await rooms.life.fail(row, error.message)
    else await noteFailure(rooms.pool, row.id, sender, waitMillis(rooms.retry, failures))
    return false
  }
}

/** Twice as long each time, and not the same for all: receivers that come back are not met by everybody at once. */
export function waitMillis({ firstMillis, longestMillis }: Retry, failures: number, random = Math.random): number {
  const whole = Math.min(longestMillis, firstMillis * 2 ** (failures - 1))
  return whole / 2 + (random() * whole) / 2
}

/** What was told to whom is written down before it is sent. */
export async function auditNotice(
  { audit, baseUrl }: Pick<SendRooms, 'audit' | 'baseUrl'>,
  id: string,
  access: Access,
  events: readonly ShownEvent[],
): Promise<void> {
  const told = events.filter(({ isHidden }) => !isHidden)
  const patients = new Set(
    told.flatMap((event) => [
      ...(event.patient === null ? [] : [event.patient]),
      ...(event.seen ? patientsIn(event.seen, baseUrl) : []),
    ]),
  )
  await audit.note({
    code: 'subscription-notice',
    agent: agentOf(access),
    what: [`Subscription/${id}`, ...told.map((event) => `${event.type}/${event.id}/_history/${event.version}`)],
    ...(patients.size > 0 ? { patients: [...patients] } : {}),
  })
}

/** One request for a notice; of R4’s own criteria one for each event. */
function sendingsOf(rooms: SendRooms, { row, asked, type, events }: Telling): Sending[] {
  const { endpoint } = asked
  if (!endpoint) throw new Error(`The Subscription ${row.id} has nowhere to be sent to.`)
  const { baseUrl } = rooms
  const common = { headers: asked.headers, timeoutMillis: asked.timeoutSeconds * 1000 }
  if (asked.topic === undefined) {
    return events.flatMap((event): Sending[] => {
      if (event.isHidden) return []
      if (!asked.payload) return [{ ...common, url: endpoint, method: 'POST' }]
      const url = new URL(`${endpoint.href.replace(/\/$/, '')}/${event.type}/${event.id}`)
      const text = event.seen?.text ?? '{}'
      return [{ ...common, url, method: 'PUT', body: bodyOf(rooms, asked, text) }]
    })
  }
  const notice = toNotice({ row, asked, type, events, baseUrl })
  const sent = asked.channel === 'message' ? toMessage(notice, { endpoint: endpoint.href, baseUrl }) : notice
  return [{ ...common, url: endpoint, method: 'POST', body: bodyOf(rooms, asked, stringifyJson(sent)) }]
}

const bodyOf = ({ toXml }: SendRooms, { payload }: Asked, text: string) =>
  payload === 'application/fhir+xml'
    ? { type: 'application/fhir+xml; charset=utf-8', text: toXml(text) }
    : { type: 'application/fhir+json; charset=utf-8', text }
