import { Counter, Histogram, type Registry } from 'prom-client'
import { isOwnTriage } from '../plans/cursor.ts'
import type { EngineRooms } from '../plans/engine.ts'

/**
 * What the plan engine of this process does, for `GET /metrics`. From these an operator sees whether it keeps up: how old an event
 * was when its Tasks were there, and how long after its moment a timer was dealt with.
 * @returns is told of each round
 */
export function measureEngine(registry: Registry, now: () => Date): NonNullable<EngineRooms['onRound']> {
  const registers = [registry]
  const count = (name: string, help: string) => new Counter({ name, help, registers })
  const events = count('fylgje_engine_events_total', 'Changes that the plan engine has read.')
  const timers = count('fylgje_engine_timers_total', 'Timers that have rung.')
  const decisions = count(
    'fylgje_engine_decisions_total',
    'Times that a plan was asked about something that came and a rule of it was woken.',
  )
  const tasks = count('fylgje_engine_tasks_total', 'Tasks that the plan engine has made or changed.')
  const deciding = count(
    'fylgje_engine_deciding_seconds_total',
    'Time in which plans were asked, without what was read before and written afterwards.',
  )
  const buckets = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60]
  const histogram = (name: string, help: string) => new Histogram({ name, help, buckets, registers })
  const rounds = histogram('fylgje_engine_round_seconds', 'How long one round of the plan engine took.')
  const ages = histogram('fylgje_engine_event_age_seconds', 'From a change until what follows from it was committed.')
  const lateness = histogram(
    'fylgje_engine_timer_lateness_seconds',
    'From the moment of a timer until what follows from it was committed.',
  )
  return ({ occurrences, decisionCount, taskCount, decidingMilliseconds, milliseconds }) => {
    const at = now().getTime()
    rounds.observe(milliseconds / 1000)
    decisions.inc(decisionCount)
    tasks.inc(taskCount)
    deciding.inc(decidingMilliseconds / 1000)
    for (const occurrence of occurrences) {
      const since = occurrence.kind === 'event' ? occurrence.event.recorded_at : occurrence.timer.dueAt
      const seconds = Math.max(0, at - since.getTime()) / 1000
      if (occurrence.kind === 'event') {
        events.inc()
        // It waits until something else comes, and nothing follows from it.
        if (!isOwnTriage(occurrence.event)) ages.observe(seconds)
      } else {
        timers.inc()
        lateness.observe(seconds)
      }
    }
  }
}
