const FIRST = [3, 7, 6, 1, 8, 9, 4, 5, 2]
const SECOND = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]

/** The digit that makes a weighted sum divisible by 11: 0 to 10, of which 10 is never given out. */
export const checkDigit = (digits: string, weights: readonly number[]): number =>
  (11 - (weightedSum(digits, weights) % 11)) % 11

export const weightedSum = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0)

/**
 * Nine digits with the two check digits of a fødselsnummer behind them, as they are until 2032; undefined for the one in six
 * that has none and is never given out.
 */
export function withCheckDigits(nine: string): string | undefined {
  const first = checkDigit(nine, FIRST)
  if (first === 10) return undefined
  const second = checkDigit(`${nine}${first}`, SECOND)
  return second === 10 ? undefined : `${nine}${first}${second}`
}

/**
 * Whether the last two of eleven digits are right, by the rule until 2032 or the one from then on: the first control may leave
 * 0, 1, 2 or 3 over, the second nothing. What was given out before stays valid, so both count at any time.
 * @see https://skatteetaten.github.io/folkeregisteret-api-dokumentasjon/nytt-fodselsnummer-fra-2032/
 */
export function hasCheckDigits(eleven: string): boolean {
  const left = (weightedSum(eleven, FIRST) + Number(eleven[9])) % 11
  return left <= 3 && (weightedSum(eleven, SECOND) + Number(eleven[10])) % 11 === 0
}
