/**
 * Splits at a separator that no backslash stands before. Escapes stay in the parts, for the next split; `withoutEscapes` takes them away.
 * @see https://hl7.org/fhir/R4/search.html#escaping
 */
export function splitUnescaped(text: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === separator) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  return [...parts, text.slice(start)]
}

/** Takes the backslashes away from `\,`, `\|`, `\$` and `\\`; others stand for themselves. */
export const withoutEscapes = (text: string): string => text.replace(/\\([,|$\\])/g, '$1')
