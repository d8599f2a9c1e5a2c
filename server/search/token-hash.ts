import { hash } from 'node:crypto'

/**
 * The first 64 bits of SHA-256 of a token, as signed decimal text: the same as `token_hash` in SQL.
 * Two different tokens share a hash once in 2^64; the store compares nothing else.
 */
export const tokenHash = (token: string): string =>
  // As text, of which a number is made: a third of what it costs by a Buffer, and less than looking it up in what was hashed before.
  BigInt.asIntN(64, BigInt(`0x${hash('sha256', token, 'hex').slice(0, 16)}`)).toString()

/** The tables of HL7 v2 say of themselves that case does not matter in them; everywhere else in R4 it does. */
const CASE_INSENSITIVE = 'http://terminology.hl7.org/CodeSystem/v2-'
const cased = (system: string, code: string): string =>
  system.startsWith(CASE_INSENSITIVE) ? code.toUpperCase() : code

// The forms of a token. `path` is the path of a search key, such as `Observation.code`. No form can be mistaken for another:
// a path holds none of the marks, and the first mark tells the form.

/** A code, whatever its system; also `true`, `false`, a plain string and a uri. */
export const codeToken = (path: string, code: string): string => `${path}=${code}`
/** A code of one system; system '' for a code that has none. */
export const systemCodeToken = (path: string, system: string, code: string): string =>
  `${path}@${system}|${cased(system, code)}`
/** Any code of a system. */
export const systemToken = (path: string, system: string): string => `${path}^${system}`
/** `to` is `Type/id`, `Type/id/_history/version`, or an absolute or canonical url. */
export const referenceToken = (path: string, to: string): string => `${path}>${to}`
/** A Reference.identifier; system '' for one that has none, undefined for any. */
export const logicalReferenceToken = (path: string, system: string | undefined, value: string): string =>
  system === undefined ? `${path}~${value}` : `${path}~~${system}|${value}`
/** An Identifier with its type, for `:of-type`. */
export const typedIdentifierToken = (path: string, system: string, code: string, value: string): string =>
  `${path}%${system}|${cased(system, code)}|${value}`
/** The element has a value; for a reference, one of this type ('' when the type is not known). */
export const presentToken = (path: string, type?: string): string => `${path}!${type ?? ''}`
/** A token of one element among several, for composites; `compile-composite.ts` spells it in SQL. */
export const partToken = (part: number, token: string): string => `#${part}#${token}`
/** The resource is in this patient's compartment. Access is decided by it. */
export const compartmentToken = (patientId: string): string => `compartment|Patient/${patientId}`
/** Of whom a resource tells that has no patient of its own in the column: an Appointment, a Device. Access is decided by it too. */
export const aboutToken = (patientId: string): string => `about|Patient/${patientId}`
/** It tells of some patient. */
export const ABOUT_SOMEBODY = 'about!'
