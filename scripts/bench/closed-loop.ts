import type { Answer } from '../caller/answer.ts'
import type { Caller } from '../caller/caller.ts'
import { Latencies } from './latencies.ts'

export type ClosedLoop = {
  callers: Caller[]
  seconds: number
  /** One operation, from sending to the whole answer. */
  once: (caller: Caller) => Promise<Answer>
  /** Whether it was answered as it should be. */
  isRight: (answer: Answer) => boolean
}

export type Outcome = { latencies: Latencies; errors: number; firstError?: string }

/**
 * Each caller sends its next request when it has the answer to the one before: the load is the number of callers. What is
 * under way at the end is waited for and not counted, so that the count belongs to exactly these seconds.
 */
export async function closedLoop({ callers, seconds, once, isRight }: ClosedLoop): Promise<Outcome> {
  const outcome: Outcome = { latencies: new Latencies(), errors: 0 }
  const end = performance.now() + seconds * 1000
  await Promise.all(
    callers.map(async (caller) => {
      for (let sentAt = performance.now(); sentAt < end; sentAt = performance.now()) {
        const problem = await once(caller).then(
          (answer) => (isRight(answer) ? undefined : `${answer.status} ${answer.body.toString().slice(0, 300)}`),
          (error: unknown) => String(error),
        )
        const answeredAt = performance.now()
        if (problem !== undefined) {
          outcome.errors++
          outcome.firstError ??= problem
        } else if (answeredAt <= end) {
          outcome.latencies.add(answeredAt - sentAt)
        }
      }
    }),
  )
  return outcome
}
