import { isRealDate } from './calendar.ts'
import { quote } from './walk.ts'

/**
 * What a primitive may look like in JSON.
 * `problem` says what is wrong with a value of the right JSON type; `literal` is its text as sent, when JavaScript prints it differently.
 */
export type PrimitiveRule = {
  json: 'string' | 'number' | 'boolean'
  problem: (value: never, literal?: string) => string | undefined
  /** What is worth a warning. */
  advice?: (value: never) => string | undefined
}

const STRING_LENGTH_MAX = 1024 * 1024
const INT_MAX = 2 ** 31 - 1

// Control characters other than tab, line feed and carriage return. https://hl7.org/fhir/R4/datatypes.html#string
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/

const YEAR = '(?!0000)\\d{4}'
const MONTH = '(?:0[1-9]|1[0-2])'
const DAY = '(?:0[1-9]|[12]\\d|3[01])'
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:(?:[0-5]\\d|60)(?:\\.\\d+)?'
const ZONE = '(?:Z|[+-](?:(?:0\\d|1[0-3]):[0-5]\\d|14:00))'

/** The primitive types of R4 with their formats. https://hl7.org/fhir/R4/datatypes.html#primitive */
export const PRIMITIVES: Readonly<Record<string, PrimitiveRule>> = {
  boolean: { json: 'boolean', problem: () => undefined },
  decimal: { json: 'number', problem: () => undefined },
  integer: integer(-INT_MAX - 1, INT_MAX),
  unsignedInt: integer(0, INT_MAX),
  positiveInt: integer(1, INT_MAX),
  string: { json: 'string', problem: textProblem },
  markdown: { json: 'string', problem: textProblem },
  code: format(/^\S+(?: \S+)*$/, 'a code: no spaces at its ends, and single ones within'),
  id: format(/^[A-Za-z0-9\-.]{1,64}$/, 'an id: 1 to 64 of A-Z, a-z, 0-9, "-" and "."'),
  uri: format(/^\S+$/, 'a URI without spaces'),
  url: format(/^\S+$/, 'a URL without spaces'),
  canonical: format(/^\S+$/, 'a canonical URL without spaces'),
  oid: format(/^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/, 'an OID such as urn:oid:1.2.3'),
  uuid: format(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    'a UUID such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520, in lower case',
  ),
  date: calendar(new RegExp(`^${YEAR}(?:-${MONTH}(?:-${DAY})?)?$`), 'a date: YYYY, YYYY-MM or YYYY-MM-DD'),
  dateTime: calendar(
    new RegExp(`^${YEAR}(?:-${MONTH}(?:-${DAY}(?:T${TIME}${ZONE})?)?)?$`),
    'a dateTime: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with Z or an offset',
  ),
  instant: calendar(
    new RegExp(`^${YEAR}-${MONTH}-${DAY}T${TIME}${ZONE}$`),
    'an instant: YYYY-MM-DDThh:mm:ss with Z or an offset',
  ),
  time: format(new RegExp(`^${TIME}$`), 'a time: hh:mm:ss'),
  base64Binary: { json: 'string', problem: base64Problem },
}

function integer(min: number, max: number): PrimitiveRule {
  const problem = (value: number, literal?: string) => {
    const isWhole = Number.isInteger(value) && (literal === undefined || /^-?(?:0|[1-9]\d*)$/.test(literal))
    return isWhole && value >= min && value <= max
      ? undefined
      : `must be a whole number from ${min} to ${max}, not ${literal ?? value}`
  }
  return { json: 'number', problem }
}

function format(pattern: RegExp, expected: string): PrimitiveRule {
  const problem = (text: string) =>
    pattern.test(text) ? characterProblem(text) : `must be ${expected}, not ${quote(text)}`
  return { json: 'string', problem }
}

function calendar(pattern: RegExp, expected: string): PrimitiveRule {
  const problem = (text: string) => {
    if (!pattern.test(text)) return `must be ${expected}, not ${quote(text)}`
    return isRealDate(text) ? undefined : `must be a day that exists, not ${quote(text)}`
  }
  return { json: 'string', problem }
}

function textProblem(text: string): string | undefined {
  if (text.length > STRING_LENGTH_MAX) return `must not be longer than ${STRING_LENGTH_MAX} characters`
  return /\S/.test(text) ? characterProblem(text) : 'must not be empty'
}

/** What no string may hold, whatever its type: PostgreSQL cannot store U+0000, and half a surrogate pair is no character. */
function characterProblem(text: string): string | undefined {
  if (CONTROL.test(text)) return 'must not hold control characters'
  return text.isWellFormed() ? undefined : 'must not hold half a surrogate pair'
}

/** RFC 4648 §4; whitespace between the groups is allowed. Looked at in linear time, which the pattern in the standard is not. */
function base64Problem(text: string): string | undefined {
  // The pattern of R4, `(\s*([0-9a-zA-Z\+\/=]){4}\s*)+`, has whitespace between groups of four and never within one.
  const pieces = text.split(/\s+/).filter((piece) => piece !== '')
  const padded = pieces.at(-1)
  return padded !== undefined &&
    /^[A-Za-z0-9+/]*={0,2}$/.test(padded) &&
    pieces.every((piece, n) => piece.length % 4 === 0 && (n === pieces.length - 1 || /^[A-Za-z0-9+/]*$/.test(piece)))
    ? undefined
    : 'must be base64 (RFC 4648 §4), with whitespace only between its groups of four'
}
