import type { Task } from '@medplum/fhirtypes'
import { momentInWords } from '../core/decide/words/moment-in-words.ts'
import { type SendingReason, tellSendingReason } from '../core/decide/words/sending-reason.ts'
import { type Told, tell } from '../core/decide/words/told.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { operatorTask } from '../plans/operator-task.ts'
import { type DeliveringRooms, SENDER } from './deliver.ts'
import type { Receiver } from './message.ts'
import { RECEIVER_NAMES } from './sending-failed.ts'
import { taskWhile } from './task-while.ts'

/** So long a message may wait before somebody is told that its receiver takes none. */
const LATE_MILLISECONDS = 3_600_000

type Late = { since: Date; reason: SendingReason | undefined }

/**
 * Messages that are tried again and again are no fault of any of them, and nobody would hear of it for three days: when the oldest has waited for
 * an hour there is one Task for all, and it is taken back once they have gone.
 * @returns looks once; while nothing waits for long it costs one look into an index
 */
export function createLateWatch(rooms: DeliveringRooms, receiver: Receiver): () => Promise<void> {
  const { pool, now } = rooms
  const tellTask = taskWhile(rooms, { name: nameOf(receiver), gone: GONE })
  return async () => {
    const at = now()
    const oldest = await readOldest(pool, receiver)
    const isLate = oldest !== undefined && at.getTime() - oldest.since.getTime() > LATE_MILLISECONDS
    await tellTask(isLate ? lateTask(receiver, oldest, at) : undefined)
  }
}

/** The message that has waited for longest, and why it was not taken. */
async function readOldest(db: Queryable, { name, organization }: Receiver): Promise<Late | undefined> {
  const { rows } = await db.query<{ queued_at: Date; why: SendingReason | null }>(
    prepared(sql`
      SELECT queued_at, why FROM outgoing_message
       WHERE receiver = ${name} AND organization = ${organization} AND state IN ('queued', 'sent', 'failed')
       ORDER BY queued_at, number LIMIT 1`),
  )
  const [oldest] = rows
  return oldest && { since: oldest.queued_at, reason: oldest.why ?? undefined }
}

const nameOf = ({ name, organization }: Receiver) => `receiver|sending-late|${name} ${organization}|`

const GONE: Told = {
  nb: 'Meldingene har kommet fram.',
  nn: 'Meldingane har kome fram.',
  en: 'The messages have arrived.',
}

function lateTask(receiver: Receiver, { since, reason }: Late, now: Date): Task {
  const to = `${RECEIVER_NAMES[receiver.name] ?? receiver.name}, ${receiver.organization}`
  const words = {
    nb: (at: string) => `${to} har ikke tatt imot meldinger siden ${at}. De sendes på nytt til de kommer fram.`,
    nn: (at: string) => `${to} har ikkje teke imot meldingar sidan ${at}. Dei blir sende på nytt til dei kjem fram.`,
    en: (at: string) => `${to} has taken no messages since ${at}. They are sent again until they arrive.`,
  }
  const told = tell((language) => words[language](momentInWords(since, language)))
  const why = reason && tellSendingReason(reason)
  return operatorTask({
    ...{ told, now, about: SENDER.actor },
    reason: tell((language) => [told[language], why?.[language]].filter(Boolean).join(' ')),
    name: `${nameOf(receiver)}${since.toISOString()}`,
  })
}
