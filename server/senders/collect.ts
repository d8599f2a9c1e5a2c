import type { Access } from '../access/access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Pool } from '../db/pool.ts'
import { readFeed } from '../outbox/feed.ts'
import { readChanged } from '../plans/facts.ts'
import type { AccessRows } from '../store/relations/relation-row.ts'
import { claimPlace, movePlace } from './feed-place.ts'
import { followedUntil } from './followed-until.ts'
import type { Receiver } from './message.ts'
import { type Cause, enqueue } from './message-table.ts'
import { followedBy } from './receiving-organization.ts'

export type CollectingRooms = {
  pool: Pool
  /** What a resource says of who has to do with whom. */
  accessRows: (resource: Resource) => AccessRows | undefined
  now: () => Date
}

const EVENT_COUNT_MAX = 200
/**
 * Reads what has happened since and puts down what the receiver is to be told, of the patients whom its organisation follows at this moment:
 * in one transaction with the place in the feed, so that each cause gives one message, whatever is killed when.
 * @returns how many events were read
 */
export async function collect(
  { pool, accessRows, now: clock }: CollectingRooms,
  receiver: Receiver,
  organization: Access,
): Promise<number> {
  const now = clock()
  return inTransaction(pool, async (tx) => {
    const place = await claimPlace(tx, receiver)
    if (!place) return 0
    const only = receiver.followsOnly
    const read = await readFeed(tx, place, { countMax: EVENT_COUNT_MAX, ...(only ? { only } : {}) })
    const last = read.at(-1)
    if (!last) return 0
    const events = read.filter(({ type }) => receiver.follows.includes(type))
    const changed = await readChanged(tx, events)
    const all = events.flatMap(({ patient, type, id, version, actor, recorded_at }, i) => {
      const { current, previous } = changed[i] ?? {}
      if (!receiver.isCause(previous, current, actor, organization.actor)) return []
      const whose = [patient, receiver.formerPatient?.(previous)].filter((one) => typeof one === 'string')
      return [{ whose, cause: `${type}/${id}/_history/${version}`, actor, causedAt: recorded_at }]
    })
    const patients = all.flatMap(({ whose }) => whose)
    const followed = await followedBy(tx, organization, patients, now)
    // What went to a patient whom it does not follow is taken back from the one whose it was, where it follows that one.
    const causes = all.flatMap(({ whose, ...cause }): Cause[] => {
      const patient = whose.find((one) => followed.has(one)) ?? whose[0]
      return patient === undefined ? [] : [{ ...cause, patient }]
    })
    const unfollowed = causes.filter(({ patient }) => !followed.has(patient))
    const until = await followedUntil(tx, { organization, accessRows }, unfollowed)
    await enqueue(
      tx,
      receiver,
      // Whom it followed until then it is not told of any more, but an administrator is: the message is withheld.
      causes.filter(({ patient, cause }) => followed.has(patient) || until.has(cause)),
      now,
    )
    await movePlace(tx, receiver, last)
    return read.length
  })
}
