import { placeInAlphabet } from './alphabet.ts'
import { dateOf } from './extract-date.ts'
import { quantityRows } from './extract-quantity.ts'
import { referenceTokens } from './extract-reference.ts'
import { stringsOf } from './extract-string.ts'
import { tokensOf } from './extract-token.ts'
import { FOLDED_LENGTH_MAX, fold } from './fold.ts'
import type { SideTableName, SideValue } from './index-row.ts'
import { type Kind, PROFILE_PATH, type SearchKey } from './search-key.ts'
import { codeToken, tokenHash } from './token-hash.ts'

/** Where the entries of one resource are gathered. */
export type Sink = {
  token(token: string): void
  /** One that many resources share, as a code is; what it hashes to is remembered. */
  common(token: string): void
  side(table: SideTableName, keyId: number, values: SideValue[]): void
}

/** The FHIR types that a search parameter type can compare. https://hl7.org/fhir/R4/search.html#table */
const TYPES: Record<Kind, ReadonlySet<string>> = {
  token: new Set([
    'CodeableConcept',
    'Coding',
    'Identifier',
    'ContactPoint',
    'code',
    'boolean',
    'string',
    'id',
    'uri',
    'url',
    'oid',
    'uuid',
    'canonical',
  ]),
  reference: new Set(['Reference', 'canonical', 'uri', 'url', 'oid', 'uuid', 'Resource']),
  uri: new Set(['uri', 'url', 'canonical', 'oid', 'uuid']),
  string: new Set(['string', 'markdown', 'HumanName', 'Address']),
  date: new Set(['date', 'dateTime', 'instant', 'Period', 'Timing']),
  number: new Set(['integer', 'decimal', 'positiveInt', 'unsignedInt', 'Range']),
  quantity: new Set([
    'Quantity',
    'SimpleQuantity',
    'Money',
    'MoneyQuantity',
    'Age',
    'Duration',
    'Distance',
    'Count',
    'Range',
    'SampledData',
  ]),
}

export const isIndexable = (kind: Kind, type: string): boolean => TYPES[kind].has(type)

/** Puts down the entries for one value of a key. A value of another shape than its type says leaves none. */
export function extract(key: SearchKey, type: string, value: unknown, sink: Sink, baseUrl: string): void {
  switch (key.kind) {
    case 'token':
      tokensOf(key, type, value, sink)
      return
    case 'reference':
      referenceTokens(key.path, type, value, sink, baseUrl)
      return
    case 'uri':
      uriEntries(key, value, sink)
      return
    case 'string':
      for (const text of stringsOf(type, value)) {
        const place = placeInAlphabet(text)?.slice(0, FOLDED_LENGTH_MAX) ?? null
        sink.side('search_string', key.id, [fold(text).slice(0, FOLDED_LENGTH_MAX), tokenHash(text), place])
      }
      return
    case 'date': {
      const interval = dateOf(type, value)
      if (interval) sink.side('search_date', key.id, [interval.low, interval.high])
      return
    }
    case 'number': {
      const [low, high] = numberBounds(value)
      if (low !== undefined && high !== undefined) sink.side('search_number', key.id, [low, high])
      return
    }
    case 'quantity':
      for (const row of quantityRows(type, value)) sink.side('search_quantity', key.id, row)
  }
}

function uriEntries(key: SearchKey, value: unknown, sink: Sink): void {
  if (typeof value !== 'string') return
  sink.token(codeToken(key.path, value))
  if (key.path !== PROFILE_PATH) sink.side('search_uri', key.id, [value.slice(0, FOLDED_LENGTH_MAX)])
}

function numberBounds(value: unknown): [number?, number?] {
  if (typeof value === 'number') return [value, value]
  if (typeof value !== 'object' || value === null) return []
  const { low, high } = value as { low?: { value?: unknown }; high?: { value?: unknown } }
  const bound = (end: { value?: unknown } | undefined, open: number) =>
    typeof end?.value === 'number' ? end.value : open
  return [bound(low, Number.NEGATIVE_INFINITY), bound(high, Number.POSITIVE_INFINITY)]
}
