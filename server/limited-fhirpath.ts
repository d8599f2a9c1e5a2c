import { isCheap, isSlowToParse } from './core/fhirpath/cost.ts'
import { compileFhirPath, type Evaluate } from './core/fhirpath/evaluate.ts'
import { createRation, type Ration, within } from './time-limit.ts'

/** So long one evaluation may hold up everybody else. */
const EVALUATION_MILLISECONDS = 100
/** A definition is parsed once, when it is stored or first used. */
const PARSING_MILLISECONDS = 500

/** How long one evaluation may take, and from what its time is taken. */
export type Allowance = { evaluationMilliseconds: number; ration: Ration }

const OF_CALLERS: Allowance = { evaluationMilliseconds: EVALUATION_MILLISECONDS, ration: createRation() }

/**
 * The same as `compileFhirPath`, for expressions that callers have stored and that must be answered at once: invariants of profiles,
 * search parameters. What is certain to be quick is simply evaluated; the rest for 100 ms at most, and a second in each minute.
 * @param allowance another one, where more must be worked out
 * @throws TooLong beside what `compileFhirPath` and its function throw
 */
export function compileLimited(
  expression: string,
  base?: string,
  { evaluationMilliseconds, ration }: Allowance = OF_CALLERS,
): Evaluate {
  const compile = () => compileFhirPath(expression, base)
  const evaluate = isSlowToParse(expression) ? within(PARSING_MILLISECONDS, compile) : compile()
  return (focus, variables, now) => {
    const work = () => evaluate(focus, variables, now)
    return isCheap(expression, { focus, variables }) ? work() : ration.spend(expression, evaluationMilliseconds, work)
  }
}
