/** Remembers which expressions take too long, so that one bad rule does not take its time again for every measurement. */
export type Overruns = {
  /** Whether it is tried at all. */
  mayTry(expression: string): boolean
  overran(expression: string): void
  succeeded(expression: string): void
}

const IN_A_ROW_MAX = 3
const PAUSE_MILLISECONDS = 10 * 60_000
const KEPT_COUNT_MAX = 1_000

/** After three overruns in a row an expression is left alone for ten minutes; whoever asks is told so at once. */
export function rememberOverruns(now: () => number = Date.now): Overruns {
  const rows = new Map<string, { count: number; last: number }>()
  return {
    mayTry(expression) {
      const row = rows.get(expression)
      return !row || row.count < IN_A_ROW_MAX || now() - row.last > PAUSE_MILLISECONDS
    },
    overran(expression) {
      const count = (rows.get(expression)?.count ?? 0) + 1
      rows.delete(expression)
      rows.set(expression, { count, last: now() })
      if (rows.size > KEPT_COUNT_MAX) rows.delete(rows.keys().next().value ?? '')
    },
    succeeded: (expression) => void rows.delete(expression),
  }
}
