import type { Part, Reach } from '../access/access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { isCanonical, refersByCanonical, refersToSome } from './compile-canonical.ts'
import { samePartCondition } from './compile-composite.ts'
import { identifierSystemCondition, textCondition } from './compile-content.ts'
import {
  dateCondition,
  lastUpdatedCondition,
  numberCondition,
  quantityCondition,
  stringCondition,
  uriBelowCondition,
  wordsCondition,
} from './compile-side.ts'
import { presentTokens, referenceTokensOf, tokenTokensOf, uriTokensOf } from './filter-tokens.ts'
import type { Parameter } from './parameters.ts'
import { parseReference } from './parse-value.ts'
import { allOf, limitConditions, whoseCondition } from './reach-condition.ts'
import type { CompositeValue, Filter } from './search-filter.ts'
import type { SearchScope } from './search-scope.ts'
import { compartmentToken, tokenHash } from './token-hash.ts'
import { asWithheld } from './withheld-condition.ts'

/** The row of `resource` that a condition is about. */
export type Subject = {
  alias: string
  type: string
  /** The chains that led to it; names the next one's rows. */
  depth: number
  /** The rows come from the index by patient; tokens only filter them. */
  byPatient: boolean
}

const NOTHING = sql`false`

/** A filter as a condition on a row. */
export const filterCondition = (filter: Filter, subject: Subject, scope: SearchScope): SqlFragment =>
  asWithheld(filter, conditionOf(filter, subject, scope), subject, scope)

function conditionOf(filter: Filter, subject: Subject, scope: SearchScope): SqlFragment {
  const { alias } = subject
  switch (filter.kind) {
    case 'id':
      return negated(filter.not, idCondition(filter.ids, subject, scope))
    case 'lastUpdated':
      return lastUpdatedCondition(filter.values, alias)
    case 'missing':
      return negated(filter.missing, presentCondition(filter.parameter, subject))
    case 'token':
      return negated(filter.not, tokensCondition(tokenTokensOf(filter), subject))
    case 'terms':
      // The store resolves them before it compiles; without a terminology there is nobody to ask.
      throw refuse('not-supported', `${filter.parameter.code}: this needs a terminology.`, filter.parameter.code)
    case 'text':
      return textCondition(filter, alias)
    case 'words':
      return wordsCondition(filter, subject)
    case 'reference':
      return negated(filter.not, referenceCondition(local(filter, scope), subject))
    case 'uri':
      return negated(filter.not, uriCondition(filter, subject))
    case 'string':
      return stringCondition(filter, subject)
    case 'date':
      return dateCondition(filter, subject)
    case 'number':
      return numberCondition(filter, subject)
    case 'quantity':
      return quantityCondition(filter, subject)
    case 'composite':
      return any(filter.alternatives.map((value) => compositeCondition(value, subject, scope)))
    case 'chain':
      return any(filter.targets.map((target) => chainCondition(filter.parameter, target, subject, scope)))
    case 'has':
      return hasCondition(filter, subject, scope)
    case 'all':
      return all(filter.filters.map((one) => filterCondition(one, subject, scope)))
    case 'any':
      return any(filter.filters.map((one) => filterCondition(one, subject, scope)))
    case 'not':
      // What has no value at all is not met either, and SQL would say NULL of it.
      return sql`(${filterCondition(filter.filter, subject, scope)} IS NOT TRUE)`
  }
}

/** The rows that a caller may see; no condition at all when that is every row. */
export function reachCondition(reach: Reach, subject: Subject, scope: SearchScope): SqlFragment[] {
  switch (reach.kind) {
    case 'all':
      return []
    case 'none':
      return [NOTHING]
    case 'compartment':
      return [compartmentCondition(reach.patient, subject)]
    case 'parts':
      return [any(reach.parts.map((part) => partCondition(part, subject, scope)))]
  }
}

function partCondition(part: Part, subject: Subject, scope: SearchScope): SqlFragment {
  const { reaching } = scope
  if (!reaching) throw new Error('Nobody has told how relations and restrictions are asked for.')
  const filters = part.filters.map((query) => reaching.filtersOf(subject.type, query))
  // A parameter that does not mean anything for the type is met by nothing.
  if (filters.some((meant) => meant === undefined)) return NOTHING
  // What a scope's own chain leads to was looked at when it was granted; asking for its reach again would never end.
  const unbounded: SearchScope = { ...scope, reachOf: () => ({ kind: 'all' }) }
  return allOf([
    ...whoseCondition(part.whose, subject, reaching),
    ...limitConditions(part, subject, reaching),
    ...filters.flatMap((meant = []) => meant.map((filter) => filterCondition(filter, subject, unbounded))),
  ])
}

/** The same for rows of several types, each within its own reach; types that are reached alike are asked for together. */
export function reachOfTypes(
  types: readonly string[],
  subject: Omit<Subject, 'type'>,
  scope: SearchScope,
): SqlFragment {
  const groups = Map.groupBy(types, (type) => groupOf(type, scope))
  const conditions = [...groups].flatMap(([, alike]) => {
    const [type = ''] = alike
    const reach = scope.reachOf(type)
    if (reach.kind === 'none') return []
    return [
      all([
        sql`${raw(subject.alias)}.type = ANY(${alike}::text[])`,
        ...reachCondition(reach, { ...subject, type }, scope),
      ]),
    ]
  })
  return any(conditions)
}

/** What the condition for a type depends on. */
function groupOf(type: string, { reachOf, reaching }: SearchScope): string {
  const reach = reachOf(type)
  if (reach.kind !== 'parts') return JSON.stringify(reach)
  const own = type === 'Patient' || reach.parts.some(({ filters }) => filters.length > 0)
  return `${own ? type : reaching?.hasPatient(type)} ${JSON.stringify(reach)}`
}

export function compartmentCondition(patient: string, subject: TokenSubject): SqlFragment {
  return tokensCondition([compartmentToken(patient)], subject)
}

type TokenSubject = Pick<Subject, 'alias' | 'byPatient'>

/**
 * At least one of the tokens. A plan that does not know the values thinks the GIN index a bargain beside the index by patient,
 * which costs it twenty times the time (measured on 200,000 Observations); `IS TRUE` keeps it from being considered.
 */
function tokensCondition(tokens: string[], { alias, byPatient }: TokenSubject): SqlFragment {
  if (tokens.length === 0) return NOTHING
  const hashes = [...new Set(tokens.map(tokenHash))]
  return sql`(${raw(alias)}.tokens && ${hashes}::bigint[])${raw(byPatient ? ' IS TRUE' : '')}`
}

function idCondition(ids: string[], { alias, type }: Subject, { locate }: SearchScope): SqlFragment {
  const located = ids.flatMap((id) => locate(id) ?? [])
  const r = raw(alias)
  // By key, where the ids say it or the table of placed ids knows it: resource has no index by id.
  return sql`(${r}.id = ANY(${ids}::text[]) AND (${r}.bucket, ${r}.rk) IN (
      SELECT * FROM unnest(${located.map(({ bucket }) => bucket)}::smallint[], ${located.map(({ rk }) => rk)}::bigint[])
      UNION ALL SELECT p.bucket, p.rk FROM placed_id p WHERE p.type = ${type} AND p.id = ANY(${ids}::text[])))`
}

type ReferenceFilter = Extract<Filter, { kind: 'reference' }>

function referenceCondition(filter: ReferenceFilter, subject: Subject): SqlFragment {
  const systems = filter.values.flatMap((value) => (value.kind === 'identifierSystem' ? [value.system] : []))
  if (systems.length > 0) {
    const byTokens = tokensCondition(referenceTokensOf(filter), subject)
    return any([byTokens, identifierSystemCondition(filter.parameter, systems, subject.alias)])
  }
  const patients = patientsOf(filter)
  if (!patients) return tokensCondition(referenceTokensOf(filter), subject)
  // One value by `=`, which leaves the index's order by date in use.
  return patients.length === 1
    ? sql`${raw(subject.alias)}.patient = ${patients[0]}`
    : sql`${raw(subject.alias)}.patient = ANY(${patients}::text[])`
}

/** A url of this server's own is a reference like any other. */
const local = (filter: ReferenceFilter, { baseUrl = '' }: SearchScope): ReferenceFilter => ({
  ...filter,
  values: filter.values.map((value) => (value.kind === 'url' ? parseReference(value.url, { baseUrl }) : value)),
})

/** Whether a filter names the patients, so that the index by patient and date finds the rows. */
export function isByPatient(filter: Filter, scope: SearchScope): boolean {
  return filter.kind === 'reference' && patientsOf(local(filter, scope)) !== undefined
}

/** The id of the one patient whom the column `patient` of everything that is found has; undefined where it may be several, or none. */
export function onePatientOf(filters: readonly Filter[], scope: SearchScope): string | undefined {
  const asked = filters.map((filter) => (filter.kind === 'reference' ? patientsOf(local(filter, scope)) : undefined))
  return asked.find((ids) => ids?.length === 1)?.[0]
}

/** The patients' ids when the column `patient` can answer alone. */
function patientsOf({ parameter, values, not }: ReferenceFilter): string[] | undefined {
  if (not || !isPatientColumn(parameter)) return undefined
  const onlyPatients = parameter.keys.every(({ target }) => target === 'Patient')
  const ids = values.map((value) => {
    if (value.kind === 'typed') return value.type === 'Patient' && value.version === undefined ? value.id : undefined
    return value.kind === 'untyped' && onlyPatients ? value.id : undefined
  })
  return ids.every((id) => id !== undefined) ? ids : undefined
}

const isPatientColumn = ({ keys }: Parameter): boolean => keys.every(({ key }) => key.column === 'patient')

type UriFilter = Extract<Filter, { kind: 'uri' }>

const uriCondition = (filter: UriFilter, subject: Subject): SqlFragment =>
  filter.match === 'below' ? uriBelowCondition(filter, subject) : tokensCondition(uriTokensOf(filter), subject)

const SIDE_TABLE_OF: Partial<Record<string, string>> = {
  string: 'search_string',
  date: 'search_date',
  number: 'search_number',
  quantity: 'search_quantity',
}

function presentCondition(parameter: Parameter, subject: Subject): SqlFragment {
  if (parameter.keys.some(({ key }) => key.always)) return sql`true`
  const table = SIDE_TABLE_OF[parameter.kind]
  if (parameter.kind === 'composite') {
    return any(parameter.roots.map(({ components }) => all(components.map((part) => presentCondition(part, subject)))))
  }
  if (table === undefined) return tokensCondition(presentTokens(parameter), subject)
  const r = raw(subject.alias)
  const ids = parameter.keys.map(({ key }) => key.id)
  const beside = sql`EXISTS (SELECT FROM ${raw(table)} s WHERE s.bucket = ${r}.bucket AND s.rk = ${r}.rk AND s.key = ANY(${ids}::int[]))`
  const inColumn = parameter.keys.some(({ key }) => key.column === 'date')
  return inColumn ? sql`(${r}.date_low IS NOT NULL OR ${beside})` : beside
}

/**
 * All parts hold, and of a repeating root all in one element: for a blood pressure, the systolic value above 150 and not the
 * diastolic. What holds of the whole resource comes first, because the index answers it.
 */
function compositeCondition({ parted, parts }: CompositeValue, subject: Subject, scope: SearchScope): SqlFragment {
  const whole = parts.map((part) => filterCondition(part, subject, scope))
  return all(parted ? [...whole, samePartCondition(parts, subject.alias)] : whole)
}

type Target = Extract<Filter, { kind: 'chain' }>['targets'][number]

/** The resources that this one refers to are found first, then hashed as this one's tokens are. */
function chainCondition(parameter: Parameter, target: Target, subject: Subject, scope: SearchScope): SqlFragment {
  const inner = below(subject, target.type)
  const found = sql`FROM resource ${raw(inner.alias)} WHERE ${visible(inner, target.filter, scope)}`
  const id = raw(`${inner.alias}.id`)
  if (isPatientColumn(parameter) && target.type === 'Patient') {
    return sql`${raw(subject.alias)}.patient IN (SELECT ${id} ${found})`
  }
  const keys = parameter.keys.filter((use) => use.target === undefined || use.target === target.type)
  return any(
    keys.map(({ key }) => {
      if (isCanonical(key)) return refersToSome(key, { from: subject.alias, to: inner.alias }, found)
      const prefix = `${key.path}>${target.type}/`
      return sql`${raw(subject.alias)}.tokens && ARRAY(SELECT token_hash(${prefix}::text || ${id}) ${found})`
    }),
  )
}

type HasFilter = Extract<Filter, { kind: 'has' }>

function hasCondition({ type, parameter, filter }: HasFilter, subject: Subject, scope: SearchScope): SqlFragment {
  const inner = below(subject, type)
  const found = sql`FROM resource ${raw(inner.alias)} WHERE ${visible(inner, filter, scope)}`
  const id = raw(`${subject.alias}.id`)
  if (isPatientColumn(parameter) && subject.type === 'Patient') {
    return sql`${id} IN (SELECT ${raw(inner.alias)}.patient ${found})`
  }
  const keys = parameter.keys.filter((use) => use.target === undefined || use.target === subject.type)
  return any(
    keys.map(({ key }) => {
      if (isCanonical(key)) {
        return sql`EXISTS (SELECT ${found} AND ${refersByCanonical(key, { from: inner.alias, to: subject.alias })})`
      }
      const prefix = `${key.path}>${subject.type}/`
      return sql`token_hash(${prefix}::text || ${id}) IN (SELECT unnest(${raw(inner.alias)}.tokens) ${found})`
    }),
  )
}

const below = ({ depth }: Subject, type: string): Subject => ({
  alias: `r${depth + 1}`,
  type,
  depth: depth + 1,
  byPatient: false,
})

/** What a chain may step on: resources of the type that the caller may see, and for which the filter holds. */
function visible(subject: Subject, filter: Filter, scope: SearchScope): SqlFragment {
  const r = raw(subject.alias)
  return all([
    sql`${r}.type = ${subject.type}`,
    sql`NOT ${r}.deleted`,
    ...reachCondition(scope.reachOf(subject.type), subject, scope),
    filterCondition(filter, subject, scope),
  ])
}

const negated = (not: boolean, condition: SqlFragment): SqlFragment => (not ? sql`NOT (${condition})` : condition)
const all = (conditions: SqlFragment[]): SqlFragment => sql`(${join(conditions, ' AND ')})`
const any = (conditions: SqlFragment[]): SqlFragment =>
  conditions.length === 0 ? NOTHING : sql`(${join(conditions, ' OR ')})`
