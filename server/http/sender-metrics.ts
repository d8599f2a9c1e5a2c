import { Gauge, type Registry } from 'prom-client'
import type { Queryable } from '../db/pool.ts'
import { readStanding, type Standing } from '../senders/standing.ts'

/**
 * How the sending to national services goes, for `GET /metrics`: how many messages wait or are dead, and for how long the oldest has waited
 * that is not taken. One that waits for long, or any that is dead, is something that a journal does not have.
 */
export function measureSenders(registry: Registry, db: Queryable, now: () => Date): void {
  const registers = [registry]
  const labels = ['receiver', 'organization'] as const
  /** Both are asked at once, and read once. */
  let reading: Promise<Standing[]> | undefined
  // A database that does not answer is told by `/readyz`; what else is measured is told all the same.
  const told = async (tell: (standing: Standing[]) => void) => {
    reading ??= readStanding(db).finally(() => {
      reading = undefined
    })
    await reading.then(tell, () => {})
  }
  new Gauge({
    name: 'fylgje_sender_messages',
    help: 'Messages to national services that wait or are dead, by receiver, organisation and state.',
    labelNames: [...labels, 'state'] as const,
    registers,
    collect() {
      return told((standing) => {
        this.reset()
        for (const { count, oldestWaitsSince: _since, ...label } of standing) this.set(label, count)
      })
    },
  })
  new Gauge({
    name: 'fylgje_sender_oldest_waiting_seconds',
    help: 'For how long the oldest message has waited that its receiver has not taken.',
    labelNames: labels,
    registers,
    collect() {
      return told((standing) => {
        this.reset()
        for (const { receiver, organization, oldestWaitsSince } of standing)
          if (oldestWaitsSince)
            this.set({ receiver, organization }, Math.max(0, (now().getTime() - oldestWaitsSince.getTime()) / 1000))
      })
    },
  })
}
