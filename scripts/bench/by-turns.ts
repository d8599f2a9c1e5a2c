import type { Caller } from '../caller/caller.ts'
import { type ClosedLoop, closedLoop } from './closed-loop.ts'
import { type CpuTime, costBetween, cpuTime } from './cpu-time.ts'
import { Latencies } from './latencies.ts'

/** Two servers that differ in one thing, and who asks each of them. */
export type Contestant = { pid: number; callers: Caller[]; loop: Pick<ClosedLoop, 'once' | 'isRight'> }

/** What one of them reached in all its turns. */
export type Reached = { ops_per_s: number; p50_ms: number; p95_ms: number } & Record<string, number>

const TURN_SECONDS = 1

/**
 * Asks one server after the other, a second each, again and again: a machine is never in one state for long, and so both of them
 * meet the same. The first turn of each is not counted: caches fill, and code is compiled.
 */
export async function byTurns<T extends readonly Contestant[]>(
  contestants: T,
  turnCount: number,
): Promise<{ reached: { [K in keyof T]: Reached }; errors: number; firstError?: string }> {
  const tallies = contestants.map(() => ({ latencies: new Latencies(), spent: NOTHING }))
  let errors = 0
  let firstError: string | undefined
  for (let turn = 0; turn <= turnCount; turn++) {
    for (const [i, { pid, callers, loop }] of contestants.entries()) {
      const from = cpuTime(pid)
      const outcome = await closedLoop({ callers, seconds: TURN_SECONDS, ...loop })
      const to = cpuTime(pid)
      errors += outcome.errors
      firstError ??= outcome.firstError
      const tally = tallies[i]
      if (turn === 0 || !tally) continue
      tally.latencies.addAll(outcome.latencies)
      if (from && to) tally.spent = plus(tally.spent, from, to)
    }
  }
  const reached = tallies.map(({ latencies, spent }): Reached => {
    const { p50_ms, p95_ms } = latencies.summary()
    return {
      ops_per_s: Number((latencies.count / (turnCount * TURN_SECONDS)).toFixed(1)),
      ...{ p50_ms, p95_ms },
      ...costBetween(NOTHING, spent, latencies.count),
    }
  })
  return {
    reached: reached as { [K in keyof T]: Reached },
    errors,
    ...(firstError === undefined ? {} : { firstError }),
  }
}

const NOTHING: CpuTime = { server: 0, postgres: 0, client: 0, others: 0 }

const plus = (sum: CpuTime, from: CpuTime, to: CpuTime): CpuTime => ({
  server: sum.server + to.server - from.server,
  postgres: sum.postgres + to.postgres - from.postgres,
  client: sum.client + to.client - from.client,
  others: sum.others + to.others - from.others,
})
