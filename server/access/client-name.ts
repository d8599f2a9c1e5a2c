/** Of characters as people count them. */
export const CLIENT_NAME_CHARS_MAX = 100

/**
 * Line ends and other controls, characters that turn the direction of what follows, and those that nobody sees: with them a name is
 * read as another than it is, on the page where somebody allows the app, in the log, and in the audit.
 * https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

/** Eleven digits in one piece or with what people write in between, as a national identity number has them. */
const NATIONAL_NUMBER = /(?<!\d)(\d{6})[ .-]?\d{5}(?!\d)/g

/**
 * What stands against a name that somebody wants a client to have. The name goes with each access into the audit, where nothing is
 * ever changed, so it is judged before it is there.
 * @returns what was expected; undefined for a name that is fine
 */
export function faultOfClientName(name: string): string | undefined {
  if (countOf(name) > CLIENT_NAME_CHARS_MAX) return `must have ${CLIENT_NAME_CHARS_MAX} characters at most`
  if (name.search(UNSEEN) >= 0)
    return 'must be of characters that can be seen: no line ends, no marks of direction, nothing of no width'
  if (plainDigits(name).search(NATIONAL_NUMBER) >= 0)
    return 'must not hold eleven digits, which are a national identity number'
  return undefined
}

/** A name as it may be shown and written down, wherever it comes from: what `faultOfClientName` finds is marked, cut and told as `*`. */
export function shownClientName(name: string): string {
  if (faultOfClientName(name) === undefined) return name
  const seen = plainDigits(name.replace(UNSEEN, '\uFFFD')).replace(NATIONAL_NUMBER, '$1*****')
  return countOf(seen) > CLIENT_NAME_CHARS_MAX ? `${[...seen].slice(0, CLIENT_NAME_CHARS_MAX - 1).join('')}…` : seen
}

const countOf = (text: string): number => [...text].length

/** Digits of other scripts, and spaces of other widths, are read as what they look like. */
const plainDigits = (text: string): string => text.normalize('NFKC')
