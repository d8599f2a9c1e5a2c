import { engineAccess } from '../access/engine-access.ts'
import { agentOf } from '../audit/agent.ts'
import type { Audit } from '../audit/audit.ts'
import { type SendingReason, tellSendingReason } from '../core/decide/words/sending-reason.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Pool } from '../db/pool.ts'
import type { Log } from '../log.ts'
import { isPassingFailure } from '../plans/passing-failure.ts'
import type { Store } from '../store/store.ts'
import { backoffMilliseconds } from './backoff.ts'
import type { Answer, Message, Prepared, Progress, Receiver } from './message.ts'
import { type Settled, settle } from './message-table.ts'
import { notReached } from './not-reached.ts'
import { sendingFailedTask } from './sending-failed.ts'
import { reasonOfRefusal } from './unsendable.ts'

export const SENDER = engineAccess('sender')
const HOUR = 3_600_000
/** What a receiver asks for in Retry-After is obeyed up to here: a slip of its must hold up nothing for days. */
const RETRY_AFTER_MILLISECONDS_MAX = HOUR
const FAULT_COUNT_MAX = 3
/** What no attempt has got through for so long somebody must look at. */
export const GIVE_UP_MILLISECONDS = 72 * HOUR
/** When it is asked first what became of what was accepted, and how long between two times at most. */
const ASK_MILLISECONDS = { first: 30_000, most: HOUR }
/** What lies accepted for so long and is in no journal somebody must look at. */
const JOURNALED_MILLISECONDS_MAX = 72 * HOUR

export type DeliveringRooms = {
  pool: Pool
  store: Pick<Store, 'writeIn'>
  audit: Pick<Audit, 'note'>
  log: Log
  now: () => Date
  onCommit: () => void
  /** 0 ≤ chance < 1 */
  chance?: () => number
}

/** What came of one attempt: `kept-back` is no fault of the message, so others need not be tried at once. */
export type Attempt = 'done' | 'kept-back'

type Ready = { message: Message; body: string; types: string[] }

/**
 * Tries to send messages about one patient that were claimed, in one call. What the receiver may see is worked out now; that it is sent is
 * written down before it is, and not where there is no token to send it with. One that must wait keeps back those after it.
 * Whatever happens is put down; when nobody can put it down, the lease ends and it is tried again.
 */
export async function deliver(
  rooms: DeliveringRooms,
  receiver: Receiver,
  messages: readonly Message[],
): Promise<Attempt> {
  const open = await receiver.open(messages).catch((error: unknown) => () => Promise.reject(error))
  const ready: Ready[] = []
  let attempt: Attempt = 'kept-back'
  let bytes = 0
  for (const [i, message] of messages.entries()) {
    const prepared = await prepare(rooms, open, message)
    const size = prepared.kind === 'ready' ? Buffer.byteLength(prepared.body) : 0
    if (prepared.kind === 'again') {
      await take(rooms, receiver, message, prepared)
      await leave(rooms, messages.slice(i + 1))
      break
    }
    if (prepared.kind === 'ready' && size <= receiver.bytesMax) {
      bytes += size
      if (bytes > receiver.bytesMax) {
        await leave(rooms, messages.slice(i))
        break
      }
      ready.push({ message, ...prepared })
      continue
    }
    attempt = 'done'
    if (prepared.kind === 'withheld') {
      const { reason, until } = prepared
      await settle(rooms.pool, message, { state: 'withheld', reason, ...(until ? { until } : {}) })
      continue
    }
    const tooLarge: SendingReason = { code: 'too-large', values: { size, most: receiver.bytesMax } }
    await die(rooms, message, prepared.kind === 'refused' ? prepared.reason : tooLarge)
  }
  if (ready.length === 0) return attempt
  for (const [i, answer] of (await sendAll(rooms, receiver, ready)).entries()) {
    if ((await take(rooms, receiver, ready[i]?.message as Message, answer)) === 'done') attempt = 'done'
  }
  return attempt
}

/** @returns an answer for each */
async function sendAll({ audit }: DeliveringRooms, receiver: Receiver, ready: readonly Ready[]): Promise<Answer[]> {
  const unready = await receiver.ready().then(() => undefined, notReached)
  if (unready) return ready.map(() => unready)
  await audit.note(
    ...ready.map(({ message: { patient, cause }, types }) => ({
      ...{ code: 'sent' as const, agent: agentOf(SENDER), patients: [patient], what: [cause] },
      ...{ types, query: receiver.address, purpose: 'TREAT' },
    })),
  )
  const answers = await receiver.send(ready.map(({ body }) => body)).catch(notReached)
  return ready.map((_one, i) => (Array.isArray(answers) ? (answers[i] ?? UNANSWERED) : answers))
}

const UNANSWERED: Answer = { kind: 'again', reason: { code: 'not-said' } }

/** Those that wait for an earlier one about the patient are due as it is, and behind it. */
async function leave({ pool, now }: DeliveringRooms, messages: readonly Message[]): Promise<void> {
  const reason: SendingReason = { code: 'behind-another' }
  for (const message of messages) await settle(pool, message, { state: 'failed', reason, dueAt: now() })
}

type Unsent = Extract<Answer, { kind: 'refused' | 'again' }>

/** A fault of ours is tried again a few times, and told then: it must not hold up the patient's other messages for days. */
async function prepare(
  { log }: DeliveringRooms,
  open: (message: Message) => Promise<Prepared>,
  message: Message,
): Promise<Prepared | Unsent> {
  try {
    return await open(message)
  } catch (error) {
    if (isPassingFailure(error)) throw error
    if (error instanceof Refusal) return { kind: 'refused', reason: reasonOfRefusal(error) }
    log.error({ err: error, message: message.id }, 'a message could not be worked out')
    const isOver = message.attempts >= FAULT_COUNT_MAX
    return { kind: isOver ? 'refused' : 'again', reason: { code: 'fault', values: { id: message.id } } }
  }
}

async function take(rooms: DeliveringRooms, receiver: Receiver, message: Message, answer: Answer): Promise<Attempt> {
  const now = rooms.now()
  if (answer.kind === 'accepted') {
    const asks = receiver.progress ? { askAt: new Date(now.getTime() + ASK_MILLISECONDS.first) } : {}
    await settle(rooms.pool, message, { state: 'accepted', location: answer.location, at: now, ...asks })
    return 'done'
  }
  if (answer.kind === 'refused') return die(rooms, message, answer.reason)
  if (now.getTime() - message.queuedAt.getTime() > GIVE_UP_MILLISECONDS) {
    return die(rooms, message, { code: 'given-up', values: { count: message.attempts }, last: answer.reason })
  }
  const { chance = Math.random } = rooms
  const wanted = Math.min(RETRY_AFTER_MILLISECONDS_MAX, (answer.afterSeconds ?? 0) * 1000)
  const wait = Math.max(backoffMilliseconds(message.attempts, chance()), wanted)
  const { en: reason } = tellSendingReason(answer.reason)
  rooms.log.warn({ message: message.id, receiver: message.receiver, reason }, 'a message is tried again')
  await settle(rooms.pool, message, { state: 'failed', reason: answer.reason, dueAt: new Date(now.getTime() + wait) })
  return 'kept-back'
}

/** Asks what became of a message that was accepted, and puts it down. */
export async function reconcile(
  rooms: DeliveringRooms,
  ask: NonNullable<Receiver['progress']>,
  message: Message,
): Promise<void> {
  const { location = '', acceptedAt } = message
  const progress = await ask(location).catch(
    (error: unknown): Progress => ({ kind: 'unknown', reason: notReached(error).reason }),
  )
  const now = rooms.now()
  const lain = now.getTime() - (acceptedAt ?? now).getTime()
  if (progress.kind === 'journaled') return void (await settle(rooms.pool, message, { state: 'journaled', at: now }))
  if (progress.kind === 'failed') return void (await die(rooms, message, progress.reason))
  if (lain > JOURNALED_MILLISECONDS_MAX) {
    const last = progress.kind === 'unknown' ? { last: progress.reason } : {}
    const hours = JOURNALED_MILLISECONDS_MAX / HOUR
    return void (await die(rooms, message, { code: 'not-journaled', values: { hours }, ...last }))
  }
  // As long again as it has lain.
  const wait = Math.min(ASK_MILLISECONDS.most, Math.max(ASK_MILLISECONDS.first, lain))
  await settle(rooms.pool, message, { state: 'waiting', askAt: new Date(now.getTime() + wait) })
}

/** The message is dead, and the Task that tells so is there, or neither. */
async function die(rooms: DeliveringRooms, message: Message, reason: SendingReason): Promise<Attempt> {
  const { pool, store, now, log, onCommit } = rooms
  const settled: Settled = { state: 'dead', reason }
  await inTransaction(pool, async (tx) => {
    if (!(await settle(tx, message, settled))) return
    const task = sendingFailedTask(message, reason, now()) as unknown as Resource
    await store.writeIn(tx, SENDER, [{ interaction: 'create', resource: task }])
  })
  onCommit()
  log.error({ message: message.id, receiver: message.receiver }, 'a message cannot be sent; there is a Task about it')
  return 'done'
}
