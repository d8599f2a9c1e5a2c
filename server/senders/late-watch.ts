import type { Task } from '@medplum/fhirtypes'
import { ACCESS_ROLE } from '../access/vocabulary.ts'
import { engineTask } from '../core/decide/task/engine-task.ts'
import { identifierOf, withdrawTasks } from '../core/decide/task/finding-task.ts'
import { momentInWords } from '../core/decide/words/moment-in-words.ts'
import { type Told, tell } from '../core/decide/words/told.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { readOpenTasks, taskUpdate } from '../plans/engine-tasks.ts'
import type { Change } from '../store/store.ts'
import { type DeliveringRooms, SENDER } from './deliver.ts'
import type { Receiver } from './message.ts'
import { RECEIVER_NAMES } from './sending-failed.ts'

/** So long a message may wait before somebody is told that its receiver takes none. */
const LATE_MILLISECONDS = 3_600_000

type Late = { since: Date; reason: string | undefined }

/**
 * Messages that are tried again and again are no fault of any of them, and nobody would hear of it for three days: when the oldest has waited for
 * an hour there is one Task for all, and it is taken back once they have gone.
 * @returns looks once; while nothing waits for long it costs one look into an index
 */
export function createLateWatch(rooms: DeliveringRooms, receiver: Receiver): () => Promise<void> {
  const { pool, store, now, onCommit } = rooms
  /** Some Task may be open: at the start one of an earlier process. */
  let hasTold = true
  return async () => {
    const at = now()
    const oldest = await readOldest(pool, receiver)
    const late = oldest && at.getTime() - oldest.since.getTime() > LATE_MILLISECONDS ? oldest : undefined
    if (!late && !hasTold) return
    const changed = await inTransaction(pool, async (tx) => {
      await tx.query(sql`SELECT pg_advisory_xact_lock(hashtext('messages that are late'))`)
      const name = nameOf(receiver)
      const open = (await readOpenTasks(tx, 'sending-failed')).filter((task) => identifierOf(task)?.startsWith(name))
      const changes: Change[] = late
        ? open.length > 0
          ? []
          : [{ interaction: 'create', resource: lateTask(receiver, late, at) as unknown as Resource }]
        : withdrawTasks(open, GONE, at).map(taskUpdate)
      if (changes.length > 0) await store.writeIn(tx, SENDER, changes)
      return changes.length
    })
    hasTold = late !== undefined
    if (changed > 0) onCommit()
  }
}

/** The message that has waited for longest, and why it was not taken. */
async function readOldest(db: Queryable, { name, organization }: Receiver): Promise<Late | undefined> {
  const { rows } = await db.query<{ queued_at: Date; reason: string | null }>(
    prepared(sql`
      SELECT queued_at, reason FROM outgoing_message
       WHERE receiver = ${name} AND organization = ${organization} AND state IN ('queued', 'sent', 'failed')
       ORDER BY queued_at, number LIMIT 1`),
  )
  const [oldest] = rows
  return oldest && { since: oldest.queued_at, reason: oldest.reason ?? undefined }
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
  return engineTask({
    ...{ code: 'sending-failed', colour: 'yellow', told, now, about: SENDER.actor },
    reason: tell((language) => [told[language], reason].filter(Boolean).join(' ')),
    name: `${nameOf(receiver)}${since.toISOString()}`,
    performerType: [{ coding: [{ system: ACCESS_ROLE, code: 'administrator' }] }],
  })
}
