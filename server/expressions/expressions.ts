import { type Evaluator, evaluateHere, Unevaluable } from '../core/decide/evaluator.ts'
import type { CqlGround } from '../cql/library-set.ts'
import { createThreadPool, type Done, Overrun } from '../process/thread-pool.ts'
import { Call, type Open, SENT_LENGTH_MAX } from './call.ts'
import { type CqlRooms, toCqlAsk } from './cql-question.ts'
import type { ThreadAnswer } from './job.ts'
import { rememberOverruns } from './overruns.ts'

/** Evaluates the expressions of plans, each under a time limit, and what is not certain to be quick in a thread of its own. */
export type Expressions = {
  settle: Settle
  close(): Promise<void>
}

/**
 * Runs `work` with an evaluator until everything that it asked is answered. What takes long is asked of a thread, and `work` done
 * again with the answer: so it must be pure, and ask the same when it has got the same answers. The evaluator throws an
 * `Unevaluable` with the code `too-costly` for what takes too long.
 * @param ground what CQL is worked out over; without it, CQL cannot be evaluated
 * @throws what `work` throws once everything is answered
 */
export type Settle = <T>(work: (evaluate: Evaluator) => T, ground?: CqlGround | undefined) => Promise<T>

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
/** The first CQL in a thread loads the model of FHIR. */
const PREPARING_MILLISECONDS = 20_000

/** @param cql who translates CQL that stands in a plan itself; without it, plans can only name what libraries define */
export function openExpressions(limits: ExpressionLimits, cql?: CqlRooms): Expressions {
  const pool = createThreadPool({
    file: new URL('./expression-thread.ts', import.meta.url),
    countMax: limits.threadCountMax,
  })
  const overruns = rememberOverruns()

  /** @param left how long it may take at most, because of what the call has taken before */
  async function ask(open: Open, left: number, ground: CqlGround | undefined): Promise<Asked> {
    const { expression } = open
    if (left <= 0) return costly(`the expressions of one call may take ${limits.callMilliseconds} ms together`)
    if (!overruns.mayTry(expression)) return costly('it took too long several times and is left alone for some minutes')
    const milliseconds = Math.min(left, limits.expressionMilliseconds)
    try {
      const done =
        open.kind === 'fhirpath'
          ? await pool.run(open.text, { milliseconds })
          : await askCql(open, ground, milliseconds)
      overruns.succeeded(expression)
      return { ...outcomeOf(JSON.parse(done.answer) as ThreadAnswer), milliseconds: done.milliseconds }
    } catch (error) {
      if (error instanceof Unevaluable) return { error, milliseconds: 0 }
      if (!(error instanceof Overrun)) throw error
      overruns.overran(expression)
      return costly(error.message, milliseconds)
    }
  }

  async function askCql(
    open: Extract<Open, { kind: 'cql' }>,
    ground: CqlGround | undefined,
    milliseconds: number,
  ): Promise<Done> {
    if (!ground) throw new Unevaluable('not-supported', `${open.language} cannot be evaluated here`)
    const { job, withElms } = await toCqlAsk(open, ground, cql)
    if (job.length > SENT_LENGTH_MAX) throw new Unevaluable('too-costly', 'CQL would look at too much data')
    const within = { milliseconds, preparingMilliseconds: PREPARING_MILLISECONDS }
    const done = await pool.run(job, within)
    return 'lacks' in JSON.parse(done.answer) ? pool.run(withElms(), within) : done
  }

  async function settle<T>(work: (evaluate: Evaluator) => T, ground?: CqlGround): Promise<T> {
    const call = new Call()
    let left = limits.callMilliseconds
    for (let run = 0; run < RUN_COUNT_MAX; run++) {
      const done = attempt(() => work(call.evaluator()))
      if (call.open.size === 0) return done()
      for (const [key, open] of call.open) {
        const { milliseconds, ...answer } = await ask(open, left, ground)
        call.answers.set(key, answer)
        left -= milliseconds
      }
      call.open.clear()
    }
    throw new Error(`An evaluation has not come to its end in ${RUN_COUNT_MAX} runs.`)
  }
  return { settle, close: pool.close }
}

type Outcome = { result: unknown[] } | { error: Error }
type Asked = Outcome & { milliseconds: number }

function outcomeOf(answer: ThreadAnswer): Outcome {
  if ('result' in answer) return answer
  if ('problem' in answer) return { error: new Unevaluable(answer.code, answer.problem) }
  return { error: new Error('A thread has forgotten the libraries that it was just given.') }
}

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
