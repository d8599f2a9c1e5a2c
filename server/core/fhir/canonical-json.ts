import { keepLiterals, stringifyJson } from './json.ts'

/** What a Bundle may have changed of itself when it is copied to another server: nothing in its entries. */
export const CANONICAL_DOCUMENT = 'http://hl7.org/fhir/canonicalization/json#document'

/**
 * A tree as FHIR's canonical JSON: no whitespace, and the properties of each object in the order of their names (by UTF-16, as in
 * RFC 8785). A decimal stays as it was written, for its precision is part of it.
 * @see https://hl7.org/fhir/R4/json.html#canonical
 */
export const toCanonicalJson = (value: unknown): string => stringifyJson(ordered(value))

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return keepLiterals(value, value.map(ordered))
  const names = Object.keys(value).sort()
  const members = names.map((name) => [name, ordered((value as Record<string, unknown>)[name])])
  return keepLiterals(value, Object.fromEntries(members) as object)
}
