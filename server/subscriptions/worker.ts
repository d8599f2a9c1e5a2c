import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from '../db/sql.ts'
import type { Log } from '../log.ts'
import { listen } from '../outbox/listen.ts'
import { CHANNEL as EVENTS } from '../outbox/notice.ts'
import { type Loop, startLoop } from '../process/loop.ts'
import type { Bases } from './basis.ts'
import { type MatchRooms, matchEvents } from './match.ts'
import { claimDue, CHANNEL as SUBSCRIPTIONS, tellOthers, untilNextDue } from './rows.ts'
import { type SendRooms, serve } from './send.ts'
import { type SweepRooms, sweep } from './sweep.ts'

/** The channel on which the authorization server tells that a token, a grant or a client has ended. */
const AUTHORIZATION = 'authorization'

export type WorkerRooms = Omit<MatchRooms, 'onBroken'> &
  SendRooms &
  SweepRooms & { log: Log; bases: Bases; onRound?: (numbered: number) => void }

/** Rounds of reading begin no sooner after each other than this: what comes meanwhile shares one. */
const ROUND_MILLISECONDS_MIN = 15
/** The same while nobody is told of anything: only who asks to be told is waited for. */
const UNWATCHED_MILLISECONDS_MIN = 200
/** An event waits for an older transaction to end: look again soon, and less often the longer it takes. */
const WAITING_MILLISECONDS = { min: 3, max: 50 }
/** Nobody called: look anyway, for a notice may be lost and a process killed. */
const IDLE_MILLISECONDS = 5_000
/** How long it may take at most until what rests on nothing any more is over, should the notice be lost. */
const SWEEP_MILLISECONDS = 4_000
const SENDING_COUNT_MAX = 32
const PRUNE_MILLISECONDS = 10 * 60_000

/**
 * Numbers what has happened for each Subscription, sends it, and ends what rests on nothing any more. Any number of these may run, in any
 * number of processes.
 */
export function startSubscriptions(rooms: WorkerRooms): Loop {
  const { pool, log, bases } = rooms
  const sender = randomUUID()
  const warn = (what: string) => (error: unknown) => {
    log.warn({ err: error }, what)
    return IDLE_MILLISECONDS / 5
  }
  const onBroken = (subscription: string, error: unknown) =>
    log.warn({ err: error, subscription }, 'a Subscription cannot be understood')

  let patience = WAITING_MILLISECONDS.min
  const matching = startLoop(async () => {
    const began = performance.now()
    try {
      const round = await matchEvents({ ...rooms, onBroken })
      if (round.numbered > 0) rooms.onRound?.(round.numbered)
      if (round.numbered > 0 || round.changed) {
        sending.wake()
        await tellOthers(pool)
      }
      const least = round.watching > 0 ? ROUND_MILLISECONDS_MIN : UNWATCHED_MILLISECONDS_MIN
      if (round.count > 0) await sleep(Math.max(0, began + least - performance.now()))
      patience = round.waiting ? Math.min(patience * 2, WAITING_MILLISECONDS.max) : WAITING_MILLISECONDS.min
      if (round.count > 0) return 0
      return round.waiting ? Math.max(patience, least - ROUND_MILLISECONDS_MIN) : IDLE_MILLISECONDS
    } catch (error) {
      return warn('subscriptions could not read what has happened, and try again')(error)
    }
  })

  const served = new Set<Promise<void>>()
  const sending = startLoop(async (isStopped) => {
    try {
      const rows = await claimDue(pool, sender, SENDING_COUNT_MAX - served.size)
      for (const row of rows) {
        const serving = serve(rooms, row, sender, isStopped)
          .catch((error: unknown) => void warn('a Subscription could not be served, and is tried again')(error))
          .finally(() => {
            served.delete(serving)
            sending.wake()
          })
        served.add(serving)
      }
      if (served.size >= SENDING_COUNT_MAX) await Promise.race(served)
      if (rows.length > 0) return 0
      const next = await untilNextDue(pool)
      return Math.min(IDLE_MILLISECONDS, Math.max(1, Math.ceil(next ?? IDLE_MILLISECONDS)))
    } catch (error) {
      return warn('what is due for subscriptions could not be looked up')(error)
    }
  })

  let prunedAt = 0
  const sweeping = startLoop(async () => {
    const isPruning = Date.now() - prunedAt > PRUNE_MILLISECONDS
    if (isPruning) prunedAt = Date.now()
    const any = await sweep(rooms, isPruning).catch(warn('subscriptions could not be looked through'))
    return any === false ? IDLE_MILLISECONDS * 12 : SWEEP_MILLISECONDS
  })

  const endListening = listen(
    pool,
    (channel) => {
      if (channel === AUTHORIZATION || channel === undefined) bases.forget()
      if (channel !== EVENTS) {
        sending.wake()
        sweeping.wake()
      }
      matching.wake()
    },
    [EVENTS, SUBSCRIPTIONS, AUTHORIZATION],
  )
  return {
    wake: matching.wake,
    async stop() {
      await Promise.all([matching.stop(), sweeping.stop(), sending.stop()])
      await Promise.all(served)
      await endListening()
      await pool.query(sql`UPDATE subscription SET claimed_until = NULL WHERE claimed_by = ${sender}::uuid`)
    },
  }
}
