import type { Answer } from '../caller/answer.ts'
import { Caller, type Door } from '../caller/caller.ts'
import { closedLoop } from './closed-loop.ts'
import type { OwnServer } from './own-server.ts'
import type { Stored } from './stored-measurements.ts'

/** What a workload is given. */
export type Bench = {
  door: Door
  /** Patients of our own, with Observations if the workload asks for them. */
  stored: Stored
  seconds: number
  /** Before anything is counted: caches fill, code is compiled. */
  warmSeconds: number
  /** The server, if it is the bench's own, which may be started again. */
  own?: OwnServer | undefined
  /** Tells the person who waits. */
  say: (line: string) => void
  /** Runs what is counted, and adds what the processes used meanwhile, if that was asked for. */
  measured: (work: () => Promise<Result>) => Promise<Result>
}

/** One line of the result. `ops_per_s`, percentiles and `errors` are in each; some workloads have more to say. */
export type Result = Record<string, unknown>

export type Workload = {
  name: string
  /** Reads and searches look for what was stored before. */
  needsStored?: true
  /** It starts the server again, so it is left out where that is not the bench's own. */
  needsOwn?: true
  run: (bench: Bench) => Promise<Result>
}

export type Closed = {
  concurrency: number
  once: (caller: Caller) => Promise<Answer>
  isRight: (answer: Answer) => boolean
}

export async function runClosed(
  { door, seconds, warmSeconds, measured }: Bench,
  { concurrency, once, isRight }: Closed,
): Promise<Result> {
  const callers = Array.from({ length: concurrency }, () => new Caller(door))
  await closedLoop({ callers, seconds: warmSeconds, once, isRight })
  const result = await measured(async () => {
    const { latencies, errors, firstError } = await closedLoop({ callers, seconds, once, isRight })
    return {
      ops_per_s: Number((latencies.count / seconds).toFixed(1)),
      ...latencies.summary(),
      errors,
      ...(firstError !== undefined && { first_error: firstError }),
      count: latencies.count,
      concurrency,
      seconds,
    }
  })
  for (const caller of callers) caller.close()
  return result
}
