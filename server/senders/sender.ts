import { type Loop, startLoop } from '../process/loop.ts'
import { backoffMilliseconds } from './backoff.ts'
import { type CollectingRooms, collect } from './collect.ts'
import { type DeliveringRooms, deliver, reconcile } from './deliver.ts'
import { keepPlaces } from './feed-place.ts'
import { createLateWatch } from './late-watch.ts'
import type { Receiver } from './message.ts'
import { claimAccepted, claimDue, queueReleased } from './message-table.ts'
import { accessOfOrganization, findOrganization } from './receiving-organization.ts'
import { createOrganizationWatch } from './unknown-organization.ts'

/** Nobody is told of a commit: what closes is sent within so long. */
const POLL_MILLISECONDS = 1_000
/** So many patients' messages are under way to one receiver at once. */
const AT_ONCE_MAX = 48
/** Beside the time for sending: for the token, and for what is read. */
const LEASE_SPARE_MILLISECONDS = 30_000

export type SenderRooms = DeliveringRooms & CollectingRooms & { receivers: readonly Receiver[] }

/**
 * Sends to all receivers what closes here, each by itself, so that one that does not answer holds up no other. Any number of processes may do
 * so at once. Without a receiver nothing is put down and nothing is sent.
 */
export async function startSender(rooms: SenderRooms): Promise<Pick<Loop, 'stop'>> {
  await keepPlaces(rooms.pool, rooms.receivers)
  const loops = rooms.receivers.map((receiver) => {
    const turn = senderTurn(rooms, receiver)
    let failures = 0
    return startLoop(async (isStopped) => {
      try {
        const more = await turn(isStopped)
        failures = 0
        return more ? 0 : POLL_MILLISECONDS
      } catch (error) {
        failures += 1
        rooms.log.warn({ err: error, receiver: receiver.name }, 'the sender tries again')
        return Math.min(10_000, 100 * 2 ** failures)
      }
    })
  })
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()))
    },
  }
}

/**
 * One turn for one receiver: what has closed is put down, what waited for its release is queued, what is due is sent, what was accepted is asked about. While it does not answer
 * one message at a time finds out whether it does again.
 * @returns does it, and says whether there is more to do at once
 */
export function senderTurn(rooms: SenderRooms, receiver: Receiver): (isStopped?: () => boolean) => Promise<boolean> {
  const { pool, now, chance = Math.random } = rooms
  const { timeoutSeconds, sendingSecondsMax = timeoutSeconds } = receiver
  const leaseMilliseconds = sendingSecondsMax * 1000 + LEASE_SPARE_MILLISECONDS
  const watchLate = createLateWatch(rooms, receiver)
  const watchOrganization = createOrganizationWatch(rooms, receiver)
  let keptBackInARow = 0
  let notBefore = 0

  async function sendDue(isStopped: () => boolean): Promise<boolean> {
    if (now().getTime() < notBefore) return false
    const countMax = keptBackInARow > 0 ? 1 : AT_ONCE_MAX
    const claimed = await claimDue(pool, receiver, { now: now(), countMax, leaseMilliseconds })
    if (claimed.length === 0 || isStopped()) return false
    const attempts = await settleAll(claimed, (messages) => deliver(rooms, receiver, messages))
    const isAnswered = attempts.includes('done')
    keptBackInARow = isAnswered ? 0 : keptBackInARow + 1
    notBefore = isAnswered ? 0 : now().getTime() + Math.min(60_000, backoffMilliseconds(keptBackInARow, chance()))
    return isAnswered
  }

  async function askAccepted(): Promise<boolean> {
    const { progress } = receiver
    if (!progress) return false
    const claimed = await claimAccepted(pool, receiver, { now: now(), countMax: AT_ONCE_MAX, leaseMilliseconds })
    await settleAll(claimed, (message) => reconcile(rooms, progress, message))
    return claimed.length === AT_ONCE_MAX
  }

  return async (isStopped = () => false) => {
    const organization = await findOrganization(pool, receiver.organization)
    const access = organization ? await accessOfOrganization(pool, organization, now()) : undefined
    // An organisation that is not known here follows nobody; its place in the feed waits until it is.
    const read = access ? await collect(rooms, receiver, access) : 0
    await queueReleased(pool, receiver, now())
    const sent = await sendDue(isStopped)
    const asked = await askAccepted()
    await watchOrganization(access !== undefined)
    await watchLate()
    return read > 0 || sent || asked
  }
}

/** All of them come to an end, also when some fail. @throws what failed first */
async function settleAll<M, T>(messages: M[], work: (message: M) => Promise<T>): Promise<T[]> {
  const settled = await Promise.allSettled(messages.map(work))
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}
