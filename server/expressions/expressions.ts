import { type Evaluator, evaluateHere, Unevaluable } from '../decide/evaluator.ts'
import { Call, type Open } from './call.ts'
import type { ThreadAnswer } from './job.ts'
import { rememberOverruns } from './overruns.ts'
import { createThreadPool, Overrun } from './thread-pool.ts'

/** Evaluates the expressions of plans, each under a time limit, and what is not certain to be quick in a thread of its own. */
export type Expressions = {
  /**
   * Runs `work` with an evaluator until everything that it asked is answered. What takes long is asked of a thread, and `work` done
   * again with the answer: so it must be pure, and ask the same when it has got the same answers. The evaluator throws an
   * `Unevaluable` with the code `too-costly` for what takes too long.
   * @throws what `work` throws once everything is answered
   */
  settle: Settle
  close(): Promise<void>
}

export type Settle = <T>(work: (evaluate: Evaluator) => T) => Promise<T>

/** Does all of it in place, and without a limit: for plans that are trusted. */
export const settleHere: Settle = async (work) => work(evaluateHere)

export type ExpressionLimits = {
  /** How long one expression may take. */
  expressionMilliseconds: number
  /** How long all those of one call may take together, in threads. */
  callMilliseconds: number
  threadCountMax: number
}

/** Each run has an answer more than the one before. One that never comes to its end asks something new each time. */
const RUN_COUNT_MAX = 1_000

export function openExpressions(limits: ExpressionLimits): Expressions {
  const pool = createThreadPool({
    file: new URL('./expression-thread.ts', import.meta.url),
    countMax: limits.threadCountMax,
  })
  const overruns = rememberOverruns()

  /** @param left how long it may take at most, because of what the call has taken before */
  async function ask({ expression, text }: Open, left: number): Promise<Asked> {
    if (left <= 0) return costly(`the expressions of one call may take ${limits.callMilliseconds} ms together`)
    if (!overruns.mayTry(expression)) return costly('it took too long several times and is left alone for some minutes')
    const milliseconds = Math.min(left, limits.expressionMilliseconds)
    try {
      const done = await pool.run(text, { milliseconds })
      overruns.succeeded(expression)
      const answer = JSON.parse(done.answer) as ThreadAnswer
      const taken = { milliseconds: done.milliseconds }
      return 'result' in answer
        ? { ...answer, ...taken }
        : { error: new Unevaluable(answer.code, answer.problem), ...taken }
    } catch (error) {
      if (!(error instanceof Overrun)) throw error
      overruns.overran(expression)
      return costly(error.message, milliseconds)
    }
  }

  async function settle<T>(work: (evaluate: Evaluator) => T): Promise<T> {
    const call = new Call()
    let left = limits.callMilliseconds
    for (let run = 0; run < RUN_COUNT_MAX; run++) {
      const done = attempt(() => work(call.evaluator()))
      if (call.open.size === 0) return done()
      for (const [key, open] of call.open) {
        const { milliseconds, ...answer } = await ask(open, left)
        call.answers.set(key, answer)
        left -= milliseconds
      }
      call.open.clear()
    }
    throw new Error(`An evaluation has not come to its end in ${RUN_COUNT_MAX} runs.`)
  }
  return { settle, close: pool.close }
}

type Asked = ({ result: unknown[] } | { error: Error }) & { milliseconds: number }

const costly = (message: string, milliseconds = 0): Asked => ({
  error: new Unevaluable('too-costly', message),
  milliseconds,
})

/** What came of `work`, to be looked at only when it counts: a run that lacked an answer may throw anything. */
function attempt<T>(work: () => T): () => T {
  try {
    const result = work()
    return () => result
  } catch (error) {
    return () => {
      throw error
    }
  }
}
