import { Counter, Gauge, type Registry } from 'prom-client'
import type { Queryable } from '../db/pool.ts'
import { type Backlog, readBacklog } from '../subscriptions/rows.ts'

export type SubscriptionMetrics = {
  onNotice: (outcome: 'taken' | 'failed') => void
  onRound: (numbered: number) => void
}

/**
 * How the telling goes, for `GET /metrics`: what this process has sent, and what waits in all of them. A backlog that grows, or a
 * Subscription in error, is a subscriber who does not know what they think they know.
 */
export function measureSubscriptions(registry: Registry, db: Queryable): SubscriptionMetrics {
  const registers = [registry]
  const notices = new Counter({
    name: 'fylgje_subscription_notices_total',
    help: 'Notices that were sent to subscribers, taken or failed.',
    labelNames: ['outcome'] as const,
    registers,
  })
  const numbered = new Counter({
    name: 'fylgje_subscription_events_total',
    help: 'Events that were numbered, once for each Subscription that is told of it.',
    registers,
  })
  // A database that does not answer is told by `/readyz`; what else is measured is told all the same.
  const told = async (tell: (backlog: Backlog) => void) => {
    await readBacklog(db).then(tell, () => {})
  }
  new Gauge({
    name: 'fylgje_subscriptions',
    help: 'Subscriptions, by status.',
    labelNames: ['status'] as const,
    registers,
    collect() {
      return told(({ active, inError }) => {
        this.set({ status: 'active' }, active)
        this.set({ status: 'error' }, inError)
      })
    },
  })
  new Gauge({
    name: 'fylgje_subscription_backlog',
    help: 'Events that are numbered and not yet taken by their subscribers.',
    registers,
    collect() {
      return told(({ waiting }) => this.set(waiting))
    },
  })
  return { onNotice: (outcome) => notices.inc({ outcome }), onRound: (count) => numbered.inc(count) }
}
