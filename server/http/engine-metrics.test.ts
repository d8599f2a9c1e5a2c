import { Registry } from 'prom-client'
import type { FeedEvent } from '../outbox/feed.ts'
import { measureEngine } from './engine-metrics.ts'

const NOW = new Date('2026-11-10T08:00:00Z')
const event = (type: string, depth: number, secondsAgo: number) => ({
  kind: 'event' as const,
  event: {
    ...{ xid: '1', seq: '1', bucket: 1, rk: '1', version: 1, id: '1', interaction: 'create', patient: '1', actor: 'x' },
    ...{ type, depth, recorded_at: new Date(NOW.getTime() - secondsAgo * 1000) },
  } as FeedEvent,
})

test('how old a change was is told of what came, and not of the engine’s own triages, which are left until something comes', async () => {
  const registry = new Registry()
  const done = { decisionCount: 1, taskCount: 1, decidingMilliseconds: 1, milliseconds: 2 }
  const occurrences = [
    event('Observation', 0, 2),
    event('ClinicalImpression', 0, 3),
    event('ClinicalImpression', 1, 5_000),
  ]
  measureEngine(registry, () => NOW)({ ...done, occurrences })
  const text = await registry.metrics()
  expect(text).toMatch(/^fylgje_engine_events_total 3$/m)
  expect(text).toMatch(/^fylgje_engine_event_age_seconds_count 2$/m)
  expect(text).toMatch(/^fylgje_engine_event_age_seconds_sum 5$/m)
})
