import { refuse } from '../core/fhir/outcome.ts'
import { approximately, parseDateInterval } from './date-interval.ts'
import { parseLiteralReference } from './extract-reference.ts'
import { parseNumberRange } from './number-range.ts'
import type { DateValue, NumberValue, Prefix, QuantityValue, ReferenceValue, TokenValue } from './search-filter.ts'
import { splitUnescaped, withoutEscapes } from './split.ts'

const PREFIXED = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)$/s

function splitPrefix(text: string): { prefix: Prefix; rest: string } {
  const [, prefix = 'eq', rest = ''] = PREFIXED.exec(text) ?? []
  return { prefix: prefix as Prefix, rest }
}

/** @throws Refusal value @see https://hl7.org/fhir/R4/search.html#date */
export function parseDate(name: string, text: string): DateValue {
  const { prefix, rest } = splitPrefix(text)
  // In a query string that was not encoded, the plus of a zone has become a space.
  const interval = parseDateInterval(rest.replace(/ (?=\d\d:\d\d$)/, '+'))
  if (!interval)
    throw refuse('value', `${name}: ${text} is no date; expected such as ge2026-03-01 or 2026-03-01T08:00:00Z.`, name)
  return { prefix, interval: prefix === 'ap' ? approximately(interval, Date.now()) : interval }
}

/** @throws Refusal value @see https://hl7.org/fhir/R4/search.html#number */
export function parseNumber(name: string, text: string): NumberValue {
  const { prefix, rest } = splitPrefix(text)
  const range = parseNumberRange(rest)
  if (!range) throw refuse('value', `${name}: ${text} is no number; expected such as gt5.4.`, name)
  return { prefix, range }
}

/** `[prefix]number|system|code`, where system or code may be left out. @throws Refusal value @see https://hl7.org/fhir/R4/search.html#quantity */
export function parseQuantity(name: string, text: string): QuantityValue {
  const [number = '', ...unit] = splitUnescaped(text, '|').map(withoutEscapes)
  const value = parseNumber(name, number)
  if (unit.length === 0 || unit.every((part) => part === '')) return value
  const [system = '', code = ''] = unit
  if (unit.length > 2) {
    throw refuse('value', `${name}: ${text} must read number, number|system|code, number|system or number||code.`, name)
  }
  return { ...value, unit: { ...(system === '' ? {} : { system }), ...(code === '' ? {} : { code }) } }
}

/** `code`, `system|code`, `|code` (no system), `system|`. @see https://hl7.org/fhir/R4/search.html#token */
export function parseToken(text: string): TokenValue {
  const [first = '', ...rest] = splitUnescaped(text, '|').map(withoutEscapes)
  if (rest.length === 0) return { code: first }
  const code = rest.join('|')
  return code === '' ? { system: first } : { system: first, code }
}

/** `type system|type code|value` of `:of-type`. @throws Refusal value */
export function parseTypedIdentifier(name: string, text: string): TokenValue {
  const [system = '', code = '', value = ''] = splitUnescaped(text, '|').map(withoutEscapes)
  if (code === '' || value === '') throw refuse('value', `${name}: ${text} must read system|code|value.`, name)
  return { code: value, ofType: { system, code } }
}

/** `Type/id`, `id` or a url; `type` is what the modifier says. @see https://hl7.org/fhir/R4/search.html#reference */
export function parseReference(
  text: string,
  { type, baseUrl = '' }: { type?: string; baseUrl?: string } = {},
): ReferenceValue {
  const literal = parseLiteralReference(text, baseUrl)
  if (literal) return { kind: 'typed', ...literal }
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(text)) return { kind: 'url', url: text }
  return type === undefined ? { kind: 'untyped', id: text } : { kind: 'typed', type, id: text }
}

/** `system|value` of a Reference.identifier, or `system|` for any of a system. */
export function parseReferenceIdentifier(text: string): ReferenceValue {
  const { system, code } = parseToken(text)
  if (system !== undefined && code === undefined) return { kind: 'identifierSystem', system }
  return { kind: 'identifier', value: code ?? '', ...(system === undefined ? {} : { system }) }
}
