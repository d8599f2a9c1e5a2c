const FIRST_MILLISECONDS = 5_000
const MOST_MILLISECONDS = 15 * 60_000

/**
 * How long to wait before the next attempt: twice as long each time up to a quarter of an hour, and not the same for all, so that those who
 * failed together do not come again together.
 * @param attempts how many there were, from 1
 * @param chance   0 ≤ chance < 1
 */
export function backoffMilliseconds(attempts: number, chance: number): number {
  const whole = Math.min(MOST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** Math.min(attempts - 1, 30))
  return Math.round(whole / 2 + (whole / 2) * chance)
}
