/** Letters that Unicode does not take apart into a base letter and an accent. */
const UNDIVIDED: Record<string, string> = {
  æ: 'ae',
  ø: 'o',
  œ: 'oe',
  ß: 'ss',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ŧ: 't',
  ŋ: 'n',
  ı: 'i',
}
const ASCII = /^[ -~]*$/

/**
 * A text as string searches compare it: no case, no accents, single spaces. The same for values and for what is searched.
 * `Åsen` is found by `asen`, `Øvrebø` by `ovrebo`; a NUL, which PostgreSQL's text cannot hold, falls out.
 * @see https://hl7.org/fhir/R4/search.html#string
 */
export function fold(text: string): string {
  const lower = text.toLowerCase()
  const plain = ASCII.test(lower)
    ? lower
    : lower
        .normalize('NFD')
        // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what must go
        .replace(/[\p{Mn}\u0000]/gu, '')
        .replace(/[æøœßđðłþŧŋı]/g, (letter) => UNDIVIDED[letter] ?? letter)
  return plain.replace(/\s+/g, ' ').trim()
}

/** As much of a folded text as the index holds. */
export const FOLDED_LENGTH_MAX = 400
