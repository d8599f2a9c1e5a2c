import type { Reach } from '../access/access.ts'
import { join, type SqlFragment, sql } from '../db/sql.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { compartmentCondition, reachCondition, tokensCondition } from './compile-filter.ts'
import { tokenTokensOf } from './filter-tokens.ts'
import { typeIndex } from './parameters.ts'
import { parseToken } from './parse-value.ts'

/** Which of a patient's resources a decision looks at. */
export type FactQuery = {
  patient: string
  type: string
  /** `system|code` or `code`, any of them; by the type's parameter `code`. Absent: all. */
  codes?: string[]
  /** Instants, [from, to), of the type's main date. */
  from?: string
  to?: string
  countMax: number
}

/** A patient's resources of one type, newest first by the type's main date. Rows as `SearchRow`, without a cursor. */
export function compileFacts(definitions: Definitions, query: FactQuery, reach: Reach): SqlFragment {
  const { patient, type, codes, from, to, countMax } = query
  const index = typeIndex(definitions, type)
  const code = index.parameters.get('code')
  const byColumn = index.patient !== undefined || type === 'Patient'
  const subject = { alias: 'r', byPatient: byColumn }
  const conditions = [
    byColumn ? sql`r.patient = ${patient}` : compartmentCondition(patient, subject),
    sql`r.type = ${type}`,
    sql`NOT r.deleted`,
    ...reachCondition(reach, subject),
  ]
  if (codes) {
    const values = codes.map(parseToken)
    const tokens = code ? tokenTokensOf({ kind: 'token', parameter: code, values, not: false }) : []
    conditions.push(tokensCondition(tokens, subject))
  }
  if (from !== undefined) conditions.push(sql`r.date_low >= ${from}::timestamptz`)
  if (to !== undefined) conditions.push(sql`r.date_low < ${to}::timestamptz`)
  return sql`
SELECT r.bucket, r.rk, r.type, r.id, r.version, r.last_updated, r.deleted, r.content
  FROM resource r
 WHERE ${join(conditions, ' AND ')}
 ORDER BY r.date_low DESC NULLS LAST, r.rk DESC
 LIMIT ${countMax}`
}
