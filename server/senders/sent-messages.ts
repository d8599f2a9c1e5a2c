import type { SendingReason } from '../core/decide/words/sending-reason.ts'
import { type Pool, prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { SentMessage, SentMessages } from '../exchange.ts'
import { queueAgain } from './message-table.ts'
import { messageOf } from './sending-failed.ts'

type Row = {
  id: string
  number: string
  receiver: string
  organization: string
  cause: string
  state: string
  attempts: number
  caused_at: Date
  due_at: Date
  accepted_at: Date | null
  journaled_at: Date | null
  location: string | null
  why: SendingReason | null
  released_at: Date | null
}

/** States in which something will still be done by itself. */
const UNDER_WAY: ReadonlySet<string> = new Set(['queued', 'sent', 'failed', 'accepted'])

/** What was sent, as those who run the server see it. */
export const createSentMessages = (pool: Pool, now: () => Date): SentMessages => ({
  async list({ state = null, receiver = null, countMax, before = null }) {
    const { rows } = await pool.query<Row>(
      prepared(sql`
        SELECT id, number, receiver, organization, cause, state, attempts, caused_at, due_at, accepted_at, journaled_at, location, why, released_at
          FROM outgoing_message
         WHERE (${state}::text IS NULL OR state = ${state}) AND (${receiver}::text IS NULL OR receiver = ${receiver})
           AND (${before}::bigint IS NULL OR number < ${before}::bigint)
         ORDER BY number DESC LIMIT ${countMax + 1}`),
    )
    const shown = rows.slice(0, countMax)
    const last = shown.at(-1)
    return { messages: shown.map(toSentMessage), ...(rows.length > countMax && last ? { next: last.number } : {}) }
  },
  async count() {
    const { rows } = await pool.query<{ receiver: string; organization: string; state: string; count: number }>(
      prepared(sql`
        SELECT receiver, organization, state, count(*)::int AS count FROM outgoing_message
         GROUP BY receiver, organization, state ORDER BY receiver, organization, state`),
    )
    return rows
  },
  messageOf,
  resend: (id) => queueAgain(pool, id, now()),
})

function toSentMessage({ number: _number, ...row }: Row): SentMessage {
  const { id, receiver, organization, cause, state, attempts } = row
  return {
    ...{ id, receiver, organization, cause, state, attempts, causedAt: row.caused_at.toISOString() },
    ...(row.accepted_at ? { acceptedAt: row.accepted_at.toISOString() } : {}),
    ...(row.journaled_at ? { journaledAt: row.journaled_at.toISOString() } : {}),
    // What nobody is asked about any more is due no later than it was accepted.
    ...(UNDER_WAY.has(state) && !(row.accepted_at && row.due_at <= row.accepted_at)
      ? { nextAt: row.due_at.toISOString() }
      : {}),
    ...(row.released_at ? { nextAt: row.released_at.toISOString() } : {}),
    ...(row.location === null ? {} : { location: row.location }),
    ...(row.why === null ? {} : { reason: row.why }),
  }
}
