import { PROTECTED_TYPES } from '../access/address/protection.ts'
import { tellsPlace } from '../access/address/withhold.ts'
import { raw, type SqlFragment, sql } from '../db/sql.ts'
import type { Parameter } from './parameters.ts'
import { isInForce } from './reach-condition.ts'
import type { Filter } from './search-filter.ts'
import type { SearchScope } from './search-scope.ts'

/**
 * A row with `bucket`, `rk`, `patient` and `tokens`; `type` where all rows are of one, and whose they are follows from it; `patient`, an id,
 * where all rows have this one in their column: then it is asked once for all of them.
 */
type Row = { alias: string; type?: string | undefined; patient?: string | undefined }

/**
 * Whether the addresses in a row are kept from the caller: a patient's whose address is protected, or its own that are. Whoever has opened
 * what the patient has closed has opened this too.
 * @returns undefined where none are kept from this caller
 */
export function withheldCondition({ alias, type, patient }: Row, scope: Withheld): SqlFragment | undefined {
  const asked = askedOf(scope)
  if (!asked) return undefined
  const r = raw(alias)
  const byColumn = patient === undefined ? sql`a.patient = ${r}.patient` : sql`a.patient = ${patient}::text`
  const byToken = sql`a.compartment = ANY(${r}.tokens)`
  const ofPatient = type === undefined ? sql`(${byColumn} OR ${byToken})` : asked.hasPatient(type) ? byColumn : byToken
  if (type !== undefined && !mayHaveOwn(type)) return isKeptOf(ofPatient, asked)
  return sql`(${isKeptOf(ofPatient, asked)}
     OR EXISTS (SELECT FROM protected_address a
                 WHERE a.bucket = ${r}.bucket AND a.rk = ${r}.rk AND a.patient IS NULL AND ${asked.isKept}))`
}

/** Only people and places have addresses of their own, and those of a Patient stand by the patient: of others nobody has to look. */
const mayHaveOwn = (type: string): boolean => type === 'Resource' || (type !== 'Patient' && PROTECTED_TYPES.has(type))

/** The same of the patient whom the column `patient` of a row names. */
export function isPatientWithheld(alias: string, scope: Withheld): SqlFragment | undefined {
  const asked = askedOf(scope)
  return asked && isKeptOf(sql`a.patient = ${raw(alias)}.patient`, asked)
}

const isKeptOf = (ofPatient: SqlFragment, { isKept, isOpened }: Asked): SqlFragment =>
  sql`EXISTS (SELECT FROM protected_address a WHERE ${ofPatient} AND ${isKept} AND NOT ${isOpened})`

type Withheld = Pick<SearchScope, 'withholding' | 'reaching'>

/** What is asked of a row `a` of `protected_address`. */
type Asked = { hasPatient: (type: string) => boolean; isKept: SqlFragment; isOpened: SqlFragment }

function askedOf({ withholding, reaching }: Withheld): Asked | undefined {
  if (!withholding) return undefined
  if (!reaching) throw new Error('Nobody has told how relations and restrictions are asked for.')
  const at = reaching.now().toISOString()
  return {
    hasPatient: reaching.hasPatient,
    isKept: sql`a.degree = ANY(${withholding.degrees}::text[])`,
    isOpened: sql`EXISTS (SELECT FROM relation o WHERE o.patient = a.patient AND o.kind = 'opened'
        AND o.grantee = ANY(${withholding.openers}::text[]) AND ${isInForce('o', at)})`,
  }
}

/** The column `withheld`, where it is needed: with it an address is taken out of what is sent. */
export function withheldColumn(row: Row, scope: Withheld): SqlFragment {
  const condition = withheldCondition(row, scope)
  return condition ? sql`, ${condition} AS withheld` : sql``
}

/**
 * What `withheldColumn` needs of a row that is selected in another SELECT first. Tokens are many: of a type whose patient stands in the
 * column they are left where they are.
 */
export function withheldBasis({ withholding, reaching }: Withheld, { alias, type }: Row): SqlFragment {
  if (!withholding) return sql``
  const isByColumn = type !== undefined && reaching?.hasPatient(type) === true
  return raw(`, ${alias}.bucket, ${alias}.patient, ${isByColumn ? 'NULL::bigint[]' : `${alias}.tokens`} AS tokens`)
}

/**
 * A condition of a search as it is for somebody who must not learn where a person lives: what is withheld has no value for them, so
 * that nobody can ask for it until the answer is yes.
 */
export function asWithheld(
  filter: Filter,
  condition: SqlFragment,
  row: Required<Pick<Row, 'alias' | 'type'>>,
  scope: SearchScope,
): SqlFragment {
  if (!scope.withholding || !isTelling(filter, row.type)) return condition
  const kept = withheldCondition(row.type === 'Resource' ? { alias: row.alias } : row, scope)
  return isMetWithoutValue(filter) ? sql`(${kept} OR ${condition})` : sql`(NOT ${kept} AND ${condition})`
}

const isMetWithoutValue = (filter: Filter): boolean =>
  ('not' in filter && filter.not === true) || (filter.kind === 'missing' && filter.missing)

/** Whether nothing that a condition finds is withheld: it has asked for what tells a place, and what is withheld has no value there. */
export const findsTold = (filter: Filter, type: string): boolean =>
  filter.kind === 'all'
    ? filter.filters.some((one) => findsTold(one, type))
    : isTelling(filter, type) && !isMetWithoutValue(filter)

function isTelling(filter: Filter, type: string): boolean {
  switch (filter.kind) {
    // The words of the narrative, or of everything.
    case 'words':
      return true
    case 'composite':
      return filter.alternatives.some(({ parts }) => parts.some((part) => isTelling(part, type)))
    // Conditions of their own, each of which is looked at.
    case 'all':
    case 'any':
    case 'not':
    case 'has':
    case 'id':
    case 'lastUpdated':
      return false
    default:
      return isTellingParameter(filter.parameter, type)
  }
}

export const isTellingParameter = ({ keys, roots }: Parameter, type: string): boolean =>
  keys.some(({ key }) => tellsPlace(type, key.path)) ||
  roots.some(({ components }) => components.some((one) => isTellingParameter(one, type)))
