import type { Bundle, Parameters } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Pool } from '../db/pool.ts'
import type { Store } from '../store/store.ts'
import type { Asked, Content } from './asked.ts'
import { makeBinding } from './bindings.ts'
import type { AskedBy } from './known-asked.ts'
import { toNotice, toStatus } from './notice.ts'
import { readEvents, readRow, readRows, type SubscriptionRow } from './rows.ts'
import { showEvents } from './show.ts'

export type StateRooms = {
  pool: Pool
  store: Pick<Store, 'seen'>
  askedBy: AskedBy
  baseUrl: string
  standingOf: (access: Access) => Promise<Access>
  /** Where sockets are opened, `wss://…`. */
  socketAddress: string
}

/** Events asked for again: numbers as text, for they may be larger than JavaScript counts. */
export type EventsAsked = { since?: string | undefined; until?: string | undefined; content?: string | undefined }

/** Subscriptions as they stand. Whoever asks has asked the store whether the caller may see them. */
export type States = {
  /** Of those that there are; one that was stored a moment ago is not yet among them. */
  status(ids: readonly string[]): Promise<Parameters[]>
  /** @throws Refusal not-found, value, not-supported */
  events(access: Access, id: string, asked: EventsAsked): Promise<Bundle>
  /** A word by which a socket is bound, once. @throws Refusal forbidden */
  bind(access: Access, ids: readonly string[]): Promise<{ token: string; expiresAt: Date; address: string }>
}

/** In one answer; the rest is asked for from the next number on. */
const EVENT_COUNT_MAX = 500
const NUMBER = /^\d{1,18}$/
const CONTENTS: readonly Content[] = ['empty', 'id-only', 'full-resource']

export function createStates({ pool, store, askedBy, baseUrl, standingOf, socketAddress }: StateRooms): States {
  return {
    async bind(access, ids) {
      if (!access.token) throw refuse('forbidden', 'A socket is bound by an access token alone.')
      return { ...(await makeBinding(pool, access, ids)), address: socketAddress }
    },
    async status(ids) {
      const rows = await readRows(pool, ids)
      return rows.map((row) => toStatus({ row, asked: askedBy(row), type: 'query-status', baseUrl }))
    },
    async events(access, id, { since, until, content }) {
      const row = await readRow(pool, id)
      if (!row) throw refuse('not-found', `Subscription/${id} has no events yet.`)
      const asked = askedBy(row)
      const given = contentGiven(asked, content)
      const from = numberOf('eventsSinceNumber', since ?? '1')
      const to = until === undefined ? undefined : numberOf('eventsUntilNumber', until)
      const range = { after: String(BigInt(from) - 1n), until: to, countMax: EVENT_COUNT_MAX }
      const events = await readEvents(pool, id, range)
      if (events[0] === undefined || events[0].number !== from) mustBeKept(row, from, to)
      const shown = await showEvents(store, await standingOf(access), given, events)
      return toNotice({ row, asked: { ...asked, content: given }, type: 'query-event', events: shown, baseUrl })
    },
  }
}

function numberOf(name: string, text: string): string {
  if (!NUMBER.test(text) || BigInt(text) < 1n)
    throw refuse('value', `${name} is a whole number from 1, not ${text}.`, name)
  return String(BigInt(text))
}

/** No more than the Subscription itself gives: R5 lets a caller ask for less. */
function contentGiven({ content: own, topic }: Asked, asked: string | undefined): Content {
  const most = topic === undefined ? 'full-resource' : own
  if (asked === undefined) return most
  const content = CONTENTS.find((one) => one === asked)
  if (!content) throw refuse('value', `content is one of ${CONTENTS.join(', ')}, not ${asked}.`, 'content')
  return CONTENTS.indexOf(content) < CONTENTS.indexOf(most) ? content : most
}

/** A caller who has missed something and cannot have it any more must know. @throws Refusal */
function mustBeKept({ last_number }: SubscriptionRow, from: string, to: string | undefined): void {
  const isWithin = BigInt(from) <= BigInt(last_number) && (to === undefined || BigInt(to) >= BigInt(from))
  if (isWithin)
    throw refuse(
      'not-found',
      `Event ${from} is not kept any more; read again what it may have been about.`,
      'eventsSinceNumber',
    )
}
