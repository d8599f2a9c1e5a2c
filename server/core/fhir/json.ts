import { refuse } from './outcome.ts'

/** Deeper than any R4 resource has reason to be; QuestionnaireResponse and Composition nest freely, in practice below 30. */
export const DEPTH_MAX = 100

/**
 * Literals that JavaScript would print differently, by the object or array that holds them: `1.00`, `0.10`, 20 digits.
 * The tree itself holds plain numbers. https://hl7.org/fhir/R4/datatypes.html#decimal: the precision of a decimal is part of it.
 */
const literals = new WeakMap<object, Map<string, string>>()
let anyLiteral = false

/** UTF-8 as it comes from the wire, without a byte order mark. @throws Refusal `invalid` for bytes that are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse('invalid', 'The body is not valid UTF-8.')
  }
}

/**
 * JSON text to a tree. A number whose literal JavaScript would print differently keeps it for `stringifyJson`.
 * @param depthMax more than usual for what is our own: a resource that is just allowed stands deeper in a Bundle
 * @throws Refusal `invalid` for what is no JSON (with line and column), for nesting deeper than 100, for a name that an object has
 *   twice (the second would silently win), and for a number beyond what a double can hold
 */
export function parseJson(text: string, depthMax = DEPTH_MAX): unknown {
  const survey = surveyJson(text)
  if (survey.depth > depthMax) throw refuse('invalid', `The JSON is nested deeper than ${depthMax} levels.`)
  const value = survey.hasOddNumber ? parseKeepingLiterals(text, survey) : parse(text, survey)
  if (countMembers(value) !== survey.memberCount) throw refuse('invalid', describeDuplicate(text))
  return value
}

/** A tree to JSON text, with the literals that `parseJson` kept. @param indent spaces for each level, on lines of their own */
export function stringifyJson(value: unknown, indent?: number): string {
  return anyLiteral && holdsLiteral(value)
    ? JSON.stringify(value, writeLiteral, indent)
    : JSON.stringify(value, undefined, indent)
}

/** The literal of the number at `holder[name]` as it was sent, when it differs from what JavaScript prints. */
export function literalOf(holder: object, name: string | number): string | undefined {
  return anyLiteral ? literals.get(holder)?.get(String(name)) : undefined
}

/** Hands the literals of `from` on to `to`, a shallow copy of it. Only needed for numbers that stand directly in the copied object. */
export function keepLiterals<T extends object>(from: object, to: T): T {
  const kept = literals.get(from)
  // A map of its own: what is set in one of them later is not true of the other.
  if (kept) literals.set(to, new Map(kept))
  return to
}

/** `to[toName] = from[fromName]`, with the literal of a number and with those of all that is below it. Not copied, unless `cloneJson` did. */
export function moveJson(from: object, fromName: string | number, to: object, toName: string | number): void {
  const value = (from as Record<string, unknown>)[fromName]
  ;(to as Record<string, unknown>)[toName] = value
  const literal = literalOf(from, fromName)
  const kept = literals.get(to)
  // The literal of what stood there before would otherwise come back with the next equal number.
  if (literal === undefined) kept?.delete(String(toName))
  else literals.set(to, (kept ?? new Map<string, string>()).set(String(toName), literal))
}

/** A copy all the way down, literals included. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  const copy: object = Array.isArray(value) ? value.map(cloneJson) : mapMembers(value)
  return keepLiterals(value, copy) as T
}

const mapMembers = (value: object): object =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cloneJson(member)]))

/** How many values there are and how deep they lie. */
export function measureJson(value: unknown): { size: number; depth: number } {
  if (typeof value !== 'object' || value === null) return { size: 1, depth: 0 }
  const all = { size: 1, depth: 1 }
  for (const member of Object.values(value)) {
    const { size, depth } = measureJson(member)
    all.size += size
    all.depth = Math.max(all.depth, depth + 1)
  }
  return all
}

/** What one pass over the text can tell; half a text gives half a survey, and then `JSON.parse` refuses it. */
type Survey = { depth: number; memberCount: number; hasOddNumber: boolean; strayPosition?: number }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const NUMBER = /-?\d[\d.eE+-]*/y
const WORD = /true|false|null/y

/** One pass that steps over strings: about 1 µs per kB. It looks at no grammar; `JSON.parse` does. */
function surveyJson(text: string): Survey {
  const survey: Survey = { depth: 0, memberCount: 0, hasOddNumber: false }
  let open = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === QUOTE) {
      i = endOfString(text, i)
    } else if (char === 0x7b || char === 0x5b) {
      if (++open > survey.depth) survey.depth = open
    } else if (char === 0x7d || char === 0x5d) {
      open--
    } else if (char === 0x3a) {
      survey.memberCount++
    } else if ((char >= 0x30 && char <= 0x39) || char === 0x2d) {
      NUMBER.lastIndex = i
      const literal = NUMBER.exec(text)?.[0] ?? '-'
      if (String(Number(literal)) !== literal) survey.hasOddNumber = true
      i += literal.length - 1
    } else if (char !== 0x2c && char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09) {
      WORD.lastIndex = i
      const word = WORD.exec(text)?.[0]
      if (word === undefined) return { ...survey, strayPosition: i }
      i += word.length - 1
    }
  }
  return survey
}

/** The position of the quote that closes the string opened at `start`; the end of the text if none does. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

function isEscaped(text: string, position: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(position - 1 - backslashes) === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}

type Reviver = (this: object, name: string, value: unknown, context: { source?: string }) => unknown

function parse(text: string, survey: Survey, reviver?: Reviver): unknown {
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1])
  } catch (error) {
    throw refuse('invalid', `The body is not JSON: ${describeError(text, survey, error as Error)}.`)
  }
}

function parseKeepingLiterals(text: string, survey: Survey): unknown {
  let tooLarge: string | undefined
  const value = parse(text, survey, function (name, value, context) {
    const { source } = context
    if (typeof value !== 'number' || source === undefined || source === String(value)) return value
    if (!Number.isFinite(value)) tooLarge = source
    const kept = literals.get(this) ?? new Map<string, string>()
    literals.set(this, kept.set(name, source))
    anyLiteral = true
    return value
  })
  if (tooLarge !== undefined) throw refuse('invalid', `The number ${tooLarge.slice(0, 40)} is too large.`)
  return value
}

/** V8's own words without the piece of the text that it quotes, and with line and column also where it gives none. */
function describeError(text: string, survey: Survey, error: Error): string {
  const said = error.message.replace(/ in JSON at position.*/s, '').replace(/, ?(\.\.\.)?".*is not valid JSON$/s, '')
  const given = /at position (\d+)/.exec(error.message)?.[1]
  const position = given === undefined ? (survey.strayPosition ?? text.length) : Number(given)
  const before = text.slice(0, position)
  const line = before.split('\n').length
  return `${said} at line ${line}, column ${position - before.lastIndexOf('\n')}`
}

/** Every member is one colon outside a string; an object that has a name twice keeps fewer members than the text has colons. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item)
    return count
  }
  for (const name in value) count += 1 + countMembers((value as Record<string, unknown>)[name])
  return count
}

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/gs

/** Only for text that `JSON.parse` accepted, and only to say which name it is. */
function describeDuplicate(text: string): string {
  const open: Set<string>[] = []
  for (const [token, colon] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (colon) {
      const name = JSON.parse(token.slice(0, -colon.length)) as string
      if (open.at(-1)?.has(name)) return `An object has the name ${JSON.stringify(name)} twice.`
      open.at(-1)?.add(name)
    }
  }
  return 'An object has a name twice.'
}

/** Runs over everything that is written, so arrays are walked by index: `for in` makes a string of every one. */
function holdsLiteral(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (literals.has(value)) return true
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (holdsLiteral(value[i])) return true
    return false
  }
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name]
    if (typeof member === 'object' && holdsLiteral(member)) return true
  }
  return false
}

// TypeScript does not know it yet. https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/JSON/rawJSON
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown }

/** A number that is written as this literal wherever it is put. */
export const rawNumber = (literal: string): unknown => rawJSON(literal)

function writeLiteral(this: object, name: string, value: unknown): unknown {
  if (typeof value !== 'number') return value
  const literal = literals.get(this)?.get(name)
  // Someone may have set another number since.
  return literal !== undefined && Number(literal) === value ? rawJSON(literal) : value
}
