import { refuse } from '../core/fhir/outcome.ts'
import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { jsonPath } from './json-path.ts'
import type { Parameter } from './parameters.ts'
import type { SearchQuery, SortKey } from './search-query.ts'
import type { SearchScope } from './search-scope.ts'
import { isTellingParameter, withheldCondition } from './withheld-condition.ts'

export type SortColumn = {
  expression: SqlFragment
  type: 'timestamptz' | 'text' | 'float8'
  descending: boolean
  /** Every row has a value, so that the order can be compared as a whole. */
  always: boolean
  /** It is the column of the type's main date. */
  column?: 'date'
}

/**
 * What the rows are ordered by, before their key. Where nothing was asked for, what changed since a time comes in the order of its
 * changes, which its index gives; by key, everything older would be walked past first.
 * @see https://hl7.org/fhir/R4/search.html#_sort
 */
export function sortColumns({ type, sort, filters }: SearchQuery, scope: SearchScope): SortColumn[] {
  const bySince = sort.length === 0 && filters.some(({ kind }) => kind === 'lastUpdated')
  return bySince
    ? [toColumn({ by: '_lastUpdated', descending: false })]
    : sort.map((key) => asShown(key, toColumn(key), type, scope))
}

/**
 * Without a value comes last, either way. The key breaks ties, in the direction of the first column, so that a patient's
 * newest come straight from the index (patient, type, date_low DESC, rk DESC).
 */
export function orderBy(columns: SortColumn[]): SqlFragment {
  const parts = columns.map(({ descending }, i) => raw(`q.sort_${i} ${descending ? 'DESC' : 'ASC'} NULLS LAST`))
  return join([...parts, raw(keyDescends(columns) ? 'q.rk DESC' : 'q.rk ASC')], ', ')
}

/** Without a `_sort` the newest come first: who asks without an order most often looks for what has just come. */
export const keyDescends = (columns: SortColumn[]): boolean => columns[0]?.descending ?? true

/** An order by what is withheld would tell it, so it has no value there. */
function asShown({ by }: SortKey, column: SortColumn, type: string, scope: SearchScope): SortColumn {
  if (!scope.withholding || typeof by === 'string' || !isTellingParameter(by, type)) return column
  const kept = withheldCondition({ alias: 'r', type }, scope)
  return { ...column, expression: sql`CASE WHEN NOT ${kept} THEN ${column.expression} END`, always: false }
}

function toColumn({ by, descending }: SortKey): SortColumn {
  if (by === '_id') return { expression: sql`r.id`, type: 'text', descending, always: true }
  if (by === '_lastUpdated') return { expression: sql`r.last_updated`, type: 'timestamptz', descending, always: true }
  if (by.keys.every(({ key }) => key.column === 'date')) {
    return { expression: sql`r.date_low`, type: 'timestamptz', descending, always: false, column: 'date' }
  }
  const best = descending ? 'max' : 'min'
  switch (by.kind) {
    case 'date':
      return { expression: dateValue(by, best), type: 'timestamptz', descending, always: false }
    case 'string':
      return { expression: placeValue(by, best), type: 'text', descending, always: false }
    case 'number':
      return { expression: sideValue('search_number', 's.low', by, best), type: 'float8', descending, always: false }
    case 'quantity':
      return { expression: quantityValue(by, best), type: 'float8', descending, always: false }
    case 'token':
    case 'uri':
    case 'reference':
      return { expression: contentValue(by), type: 'text', descending, always: false }
    default:
      throw unsortable(by)
  }
}

/** Several dates of one parameter may stand partly in the column and partly beside it. */
function dateValue(parameter: Parameter, best: 'min' | 'max'): SqlFragment {
  const side = sideValue('search_date', 's.low', parameter, best)
  const pick = raw(best === 'min' ? 'least' : 'greatest')
  return parameter.keys.some(({ key }) => key.column === 'date') ? sql`${pick}(r.date_low, ${side})` : side
}

/** In the order of the Norwegian alphabet. */
const placeValue = (parameter: Parameter, best: 'min' | 'max'): SqlFragment =>
  sideValue('search_string', 'coalesce(s.place, s.value)', parameter, best)

/** In base units where there are some: 5400 mg comes after 5.3 g and before 5.5 g. */
const quantityValue = (parameter: Parameter, best: 'min' | 'max'): SqlFragment =>
  sideValue('search_quantity', 'coalesce(s.base_low, s.low)', parameter, best)

/** @param value of the side table's row `s` */
function sideValue(table: string, value: string, parameter: Parameter, best: 'min' | 'max'): SqlFragment {
  const ids = parameter.keys.map(({ key }) => key.id)
  return sql`(SELECT ${raw(`${best}(${value})`)} FROM ${raw(table)} s
               WHERE s.bucket = r.bucket AND s.rk = r.rk AND s.key = ANY(${ids}::int[]))`
}

/** Codes and references are indexed as hashes, which have no order: they are read from the content. */
function contentValue(parameter: Parameter): SqlFragment {
  const leaves = parameter.keys.flatMap(({ key }) => key.leaves)
  const paths = leaves.map((leaf) => jsonPath(leaf, WITHIN[leaf.type] ?? ''))
  if (paths.length === 0) throw unsortable(parameter)
  const values = paths.map((path) => sql`jsonb_path_query_first(r.content::jsonb, ${path}::jsonpath) #>> '{}'`)
  return sql`coalesce(${join(values, ', ')})`
}

const WITHIN: Record<string, string> = {
  CodeableConcept: '.coding[*].code',
  Coding: '.code',
  Identifier: '.value',
  ContactPoint: '.value',
  Reference: '.reference',
}

const unsortable = ({ type, code }: Parameter) =>
  refuse('not-supported', `${type} cannot be sorted by ${code}.`, '_sort')
