import { fold } from './fold.ts'

/** Letters that Norwegian, and with it Danish, places elsewhere than the letters that a search takes them for. */
const PLACES: Record<string, string> = { ä: '{', æ: '{', ö: '|', ø: '|', å: '}', aa: '}', ü: 'y' }

/**
 * Where a text stands in the Norwegian alphabet, to be compared byte by byte: æ, ø and å come after z, and aa is å. As CLDR has it
 * for `nb`, but the same on every PostgreSQL, with or without ICU, and in an index of its own order.
 * @returns undefined where that is the place of the folded text
 * @see https://github.com/unicode-org/cldr/blob/main/common/collation/no.xml
 */
export function placeInAlphabet(text: string): string | undefined {
  const lower = text.toLowerCase().normalize('NFC')
  const placed = lower.replace(/[äæöøåü]|aa/g, (letter) => PLACES[letter] ?? letter)
  return placed === lower ? undefined : fold(placed)
}
