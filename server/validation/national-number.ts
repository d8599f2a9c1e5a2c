import { judgeNumber } from '../national-numbers/judge-number.ts'
import type { Fields, Walk } from './walk.ts'

/**
 * Whether the value of an Identifier can be a number of the national system that it names. It tells what is wrong and never the
 * number itself, for what is told is also logged.
 */
export function checkNationalNumber(
  { system, value }: Fields,
  walk: Walk,
  { acceptsSynthetic }: { acceptsSynthetic: boolean },
): void {
  if (typeof system !== 'string' || typeof value !== 'string') return
  const judgement = judgeNumber(system, value)
  if (!judgement) return
  const { problem, isPresumed, madeUp } = judgement
  if (problem !== undefined) walk.report('value', problem, 'value', isPresumed ? 'warning' : 'error')
  else if (madeUp !== undefined && !acceptsSynthetic)
    walk.report(
      'value',
      `Must be the number of somebody: this one is of a series for tests (${madeUp}), and SYNTHETIC_NUMBERS refuses those here.`,
      'value',
    )
}
