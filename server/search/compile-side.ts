import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import type { DateInterval } from './date-interval.ts'
import { FOLDED_LENGTH_MAX, fold } from './fold.ts'
import type { SideTableName } from './index-row.ts'
import type { NumberRange } from './number-range.ts'
import type { Parameter } from './parameters.ts'
import type { DateValue, Filter, Prefix, QuantityValue, StringMatch } from './search-filter.ts'
import { PROFILE_PATH } from './search-key.ts'
import { toTsQuery } from './text-query.ts'
import { tokenHash } from './token-hash.ts'
import { toBaseUnits, UCUM_SYSTEM } from './ucum.ts'

// Conditions on the side tables, whose rows are `s`, and on the date columns of `resource`.

const any = (conditions: SqlFragment[]): SqlFragment => sql`(${join(conditions, ' OR ')})`

/** The row of `resource`; `part` is where an element's number stands, when the value must be in that element. */
export type SideSubject = { alias: string; part?: string }

function exists(
  table: SideTableName,
  keys: number[],
  { alias, part }: SideSubject,
  condition: SqlFragment,
): SqlFragment {
  const r = raw(alias)
  const ofPart = raw(part === undefined ? '' : ` AND s.part = ${part}`)
  const ofKey = keys.length === 1 ? sql`s.key = ${keys[0]}` : sql`s.key = ANY(${keys}::int[])`
  return sql`EXISTS (SELECT FROM ${raw(table)} s WHERE s.bucket = ${r}.bucket AND s.rk = ${r}.rk AND ${ofKey}${ofPart} AND ${condition})`
}

const idsOf = (parameter: Parameter): number[] => parameter.keys.map(({ key }) => key.id)

// --- string

export function stringCondition(
  { parameter, values, match }: Extract<Filter, { kind: 'string' }>,
  subject: SideSubject,
): SqlFragment {
  const conditions = values.map((value) => compareText(match, value))
  return exists('search_string', idsOf(parameter), subject, any(conditions))
}

function compareText(match: StringMatch, value: string): SqlFragment {
  const folded = fold(value).slice(0, FOLDED_LENGTH_MAX)
  switch (match) {
    case 'exact':
      return sql`(s.value = ${folded} AND s.exact = ${tokenHash(value)}::bigint)`
    case 'contains':
      return sql`position(${folded} in s.value) > 0`
    case 'starts':
      return startsWith(folded)
    case 'equals':
      return sql`s.value = ${folded}`
    case 'ends':
      return sql`right(s.value, char_length(${folded}::text)) = ${folded}`
  }
}

/** As a range, which the index answers whatever the plan; the last of all characters ends it. */
const startsWith = (prefix: string): SqlFragment => sql`(s.value >= ${prefix} AND s.value < ${`${prefix}\u{10FFFF}`})`

// --- words

export function wordsCondition({ key, values }: Extract<Filter, { kind: 'words' }>, subject: SideSubject): SqlFragment {
  const [first = sql`''::tsquery`, ...rest] = values.map(toTsQuery)
  const query = rest.reduce((all, next) => sql`(${all} || ${next})`, first)
  return exists('search_text', [key], subject, sql`s.words @@ ${query}`)
}

// --- uri

/** `:below`: the uri itself and what stands under it, at a slash. */
export function uriBelowCondition(
  { parameter, values }: Extract<Filter, { kind: 'uri' }>,
  subject: SideSubject,
): SqlFragment {
  const below = (value: string) => sql`(s.value = ${value} OR ${startsWith(value.endsWith('/') ? value : `${value}/`)})`
  const condition = any(values.map(below))
  if (parameter.keys.some(({ key }) => key.path === PROFILE_PATH)) {
    const profiles = sql`jsonb_path_query(${raw(subject.alias)}.content::jsonb, '$.meta.profile[*]') #>> '{}'`
    return sql`EXISTS (SELECT FROM (SELECT ${profiles} COLLATE "C") AS s(value) WHERE ${condition})`
  }
  return exists('search_uri', idsOf(parameter), subject, condition)
}

// --- date

export function dateCondition(
  { parameter, values }: Extract<Filter, { kind: 'date' }>,
  subject: SideSubject,
): SqlFragment {
  const inColumn = parameter.keys.filter(({ key }) => key.column === 'date')
  const beside = parameter.keys.filter(({ key }) => key.column !== 'date').map(({ key }) => key.id)
  const r = raw(subject.alias)
  const column = any(values.map((value) => compareInterval(value, sql`${r}.date_low`, sql`${r}.date_high`)))
  const side = any(values.map((value) => compareInterval(value, sql`s.low`, sql`s.high`)))
  return any([
    ...(inColumn.length > 0 ? [column] : []),
    ...(beside.length > 0 ? [exists('search_date', beside, subject, side)] : []),
  ])
}

/** An instant is never between the ends of an interval, so each comparison is one that the index by last_updated answers. */
export function lastUpdatedCondition(values: DateValue[], alias: string): SqlFragment {
  return any(values.map((value) => compareInstant(value, sql`${raw(alias)}.last_updated`)))
}

function compareInstant({ prefix, interval }: DateValue, instant: SqlFragment): SqlFragment {
  const [from, to] = bounds(interval)
  switch (prefix) {
    case 'eq':
    case 'ap':
      return sql`(${instant} >= ${from} AND ${instant} < ${to})`
    case 'ne':
      return sql`(${instant} < ${from} OR ${instant} >= ${to})`
    case 'gt':
    case 'sa':
      return sql`${instant} >= ${to}`
    case 'ge':
      return sql`${instant} >= ${from}`
    case 'lt':
    case 'eb':
      return sql`${instant} < ${from}`
    case 'le':
      return sql`${instant} < ${to}`
  }
}

/** R4's prefixes on [low, high) of the resource and [from, to) of the search. https://hl7.org/fhir/R4/search.html#prefix */
function compareInterval({ prefix, interval }: DateValue, low: SqlFragment, high: SqlFragment): SqlFragment {
  const [from, to] = bounds(interval)
  // An empty interval stands for a time just before it (date-interval.ts).
  const betweenMicroseconds = interval.low === interval.high
  const contained = sql`(${low} >= ${from} AND ${low} < ${to} AND ${high} <= ${to})`
  switch (prefix) {
    case 'eq':
      return contained
    case 'ne':
      return sql`(${low} < ${from} OR ${high} > ${to})`
    case 'gt':
      return sql`${high} > ${to}`
    case 'lt':
      return sql`${low} < ${from}`
    case 'ge':
      return sql`(${high} > ${to} OR ${contained})`
    case 'le':
      return sql`(${low} < ${from} OR ${contained})`
    case 'sa':
      return sql`${low} >= ${to}`
    case 'eb':
      return betweenMicroseconds ? sql`${high} < ${from}` : sql`${high} <= ${from}`
    case 'ap':
      return sql`(${low} < ${to} AND ${high} > ${from})`
  }
}

const bounds = ({ low, high }: DateInterval): [SqlFragment, SqlFragment] => [
  sql`${low}::timestamptz`,
  sql`${high}::timestamptz`,
]

// --- number and quantity

export function numberCondition(
  { parameter, values }: Extract<Filter, { kind: 'number' }>,
  subject: SideSubject,
): SqlFragment {
  const conditions = values.map(({ prefix, range }) => compareRange(prefix, range, 's.low', 's.high'))
  return exists('search_number', idsOf(parameter), subject, any(conditions))
}

export function quantityCondition(
  { parameter, values }: Extract<Filter, { kind: 'quantity' }>,
  subject: SideSubject,
): SqlFragment {
  return exists('search_quantity', idsOf(parameter), subject, any(values.map(compareQuantity)))
}

function compareQuantity({ prefix, range, unit }: QuantityValue): SqlFragment {
  const asSent = compareRange(prefix, range, 's.low', 's.high')
  if (!unit) return asSent
  const { system, code } = unit
  if (system === undefined) return sql`((s.code = ${code} OR s.unit = ${code}) AND ${asSent})`
  if (code === undefined) {
    return system === UCUM_SYSTEM ? sql`(s.system IS NULL AND ${asSent})` : sql`(s.system = ${system} AND ${asSent})`
  }
  if (system !== UCUM_SYSTEM) return sql`(s.system = ${system} AND s.code = ${code} AND ${asSent})`
  const base = toBaseUnits(code)
  if (!base) return sql`(s.system IS NULL AND s.code = ${code} AND ${asSent})`
  return sql`(s.base = ${base.unit} AND ${compareRange(prefix, convert(range, base.convert), 's.base_low', 's.base_high')})`
}

const convert = ({ value, low, high }: NumberRange, toBase: (value: number) => number): NumberRange => ({
  value: toBase(value),
  low: toBase(low),
  high: toBase(high),
})

const APPROXIMATELY = 0.1

/** R4's prefixes on numbers: eq, ne and ap look at the range that the digits stand for, the others at the value itself. */
function compareRange(
  prefix: Prefix,
  { value, low, high }: NumberRange,
  lowName: string,
  highName: string,
): SqlFragment {
  const [from, to] = [raw(lowName), raw(highName)]
  const number = (one: number) => sql`${one}::float8`
  // A Range may end where the search does; a single value must stay below.
  const within = sql`(${from} >= ${number(low)} AND ${to} <= ${number(high)} AND ${from} < ${number(high)})`
  switch (prefix) {
    case 'eq':
      return within
    case 'ne':
      return sql`NOT ${within}`
    case 'gt':
      return sql`${to} > ${number(value)}`
    case 'lt':
      return sql`${from} < ${number(value)}`
    case 'ge':
      return sql`${to} >= ${number(value)}`
    case 'le':
      return sql`${from} <= ${number(value)}`
    case 'sa':
      return sql`${from} > ${number(value)}`
    case 'eb':
      return sql`${to} < ${number(value)}`
    case 'ap': {
      const margin = Math.abs(value) * APPROXIMATELY
      return sql`(${from} <= ${number(Math.max(high, value + margin))} AND ${to} >= ${number(Math.min(low, value - margin))})`
    }
  }
}
