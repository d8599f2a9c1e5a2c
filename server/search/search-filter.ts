import type { DateInterval } from './date-interval.ts'
import type { NumberRange } from './number-range.ts'
import type { Parameter } from './parameters.ts'
import type { TextQuery } from './text-query.ts'

/** A condition on one resource. Values within are alternatives. */
export type Filter =
  | { kind: 'id'; ids: string[]; not: boolean }
  | { kind: 'lastUpdated'; values: DateValue[] }
  | { kind: 'missing'; parameter: Parameter; missing: boolean }
  | { kind: 'token'; parameter: Parameter; values: TokenValue[]; not: boolean }
  /** Becomes a token filter once terminology has said which codes are meant: resolve-terms.ts. */
  | { kind: 'terms'; parameter: Parameter; asked: TermsAsked[]; not: boolean }
  | { kind: 'text'; parameter: Parameter; values: string[] }
  /** `_text` and `_content`; the values are alternatives. */
  | { kind: 'words'; key: number; values: TextQuery[] }
  | { kind: 'reference'; parameter: Parameter; values: ReferenceValue[]; not: boolean }
  | { kind: 'uri'; parameter: Parameter; values: string[]; match: 'equal' | 'below' | 'above'; not: boolean }
  | { kind: 'string'; parameter: Parameter; values: string[]; match: StringMatch }
  | { kind: 'date'; parameter: Parameter; values: DateValue[] }
  | { kind: 'number'; parameter: Parameter; values: NumberValue[] }
  | { kind: 'quantity'; parameter: Parameter; values: QuantityValue[] }
  | { kind: 'composite'; parameter: Parameter; alternatives: CompositeValue[] }
  /** The reference leads to a resource of one of these types for which its own filter holds. */
  | { kind: 'chain'; parameter: Parameter; targets: { type: string; filter: Filter }[] }
  | { kind: 'all' | 'any'; filters: Filter[] }
  | { kind: 'not'; filter: Filter }
  /** A resource of `type` refers here by `parameter`, and `filter` holds for it. */
  | { kind: 'has'; type: string; parameter: Parameter; filter: Filter }

/** https://hl7.org/fhir/R4/search.html#prefix */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap'

/** `exact` as it was written; all others without regard to case and accents. */
export type StringMatch = 'starts' | 'exact' | 'contains' | 'equals' | 'ends'

/** One value for each part; `parted`: all in the same element of a repeating root. */
export type CompositeValue = { parted: boolean; parts: Filter[] }
export type DateValue = { prefix: Prefix; interval: DateInterval }
export type NumberValue = { prefix: Prefix; range: NumberRange }
/** `unit` absent: any unit. `system` absent: the code or the unit's text, of any system. `code` absent: any of the system's. */
export type QuantityValue = NumberValue & { unit?: { system?: string; code?: string } }
/** system undefined: any, '' : none. code undefined: any code of the system. `ofType` is for `:of-type` alone. */
export type TokenValue = { system?: string; code?: string; ofType?: { system: string; code: string } }
/** `to`: as in a reference token; `type` is known unless it is a url; `identifier` and `identifierSystem` are for `:identifier` alone. */
export type ReferenceValue =
  | { kind: 'typed'; type: string; id: string; version?: string }
  | { kind: 'untyped'; id: string }
  | { kind: 'url'; url: string }
  | { kind: 'identifier'; system?: string; value: string }
  | { kind: 'identifierSystem'; system: string }
/** What a modifier asks terminology for: a value set's codes, or a code with all above or below it. */
export type TermsAsked =
  | { relation: 'in'; valueSet: string }
  | { relation: 'above' | 'below'; system: string | undefined; code: string }
