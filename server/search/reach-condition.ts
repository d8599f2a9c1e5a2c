import type { Part, Whose } from '../access/access.ts'
import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import type { Reaching } from './search-scope.ts'
import { ABOUT_SOMEBODY, aboutToken, compartmentToken, systemCodeToken, tokenHash } from './token-hash.ts'

/** A row of `resource`, of `resource_version`, or one that is yet to be written; with `patient`, `tokens`, `type`, `id`, `date_low`, `date_high`. */
export type Judged = { alias: string; type: string; byPatient: boolean }

/** Whose the row must be. No condition at all where it may be anybody's. */
export function whoseCondition(whose: Whose, judged: Judged, reaching: Reaching): SqlFragment[] {
  const r = raw(judged.alias)
  switch (whose.kind) {
    case 'any':
      return []
    case 'unattached':
      return [sql`(${r}.patient IS NULL AND NOT ${hasToken(judged, [ABOUT_SOMEBODY])})`]
    case 'patient':
      return [whose.about ? isAbout(whose.patient, judged, reaching) : isOf(whose.patient, judged)]
    case 'related':
      return [relatedCondition(whose, judged, reaching)]
  }
}

/** In the patient's compartment, or telling of the patient as a Device does. */
export const isOf = (patient: string, judged: Judged): SqlFragment =>
  hasToken(judged, [compartmentToken(patient), aboutToken(patient)])

/** About this patient and no other. */
function isAbout(patient: string, judged: Judged, { hasPatient }: Reaching): SqlFragment {
  return hasPatient(judged.type)
    ? sql`${raw(judged.alias)}.patient = ${patient}`
    : hasToken(judged, [aboutToken(patient)])
}

const hasToken = ({ alias, byPatient }: Judged, tokens: string[]): SqlFragment =>
  sql`(${raw(alias)}.tokens && ${tokens.map(tokenHash)}::bigint[])${raw(byPatient ? ' IS TRUE' : '')}`

/** A row of `relation` or `restriction` counts at this moment. @param at ISO instant */
export const isInForce = (alias: string, at: string): SqlFragment =>
  sql`${raw(alias)}.from_at <= ${at}::timestamptz AND ${raw(alias)}.to_at > ${at}::timestamptz`

/** One of these has opened what the patient of the restriction `c` has closed. */
export const isOpenedBy = (grantees: string[], at: string): SqlFragment =>
  sql`EXISTS (SELECT FROM relation o WHERE o.patient = c.patient AND o.kind = 'opened'
                 AND o.grantee = ANY(${grantees}::text[]) AND ${isInForce('o', at)})`

/** One row of `relation` is enough. By the patient of the row: one descent of an index, or a join where many rows are asked. */
function relatedCondition(
  { grantees, relations }: Extract<Whose, { kind: 'related' }>,
  judged: Judged,
  { now, hasPatient }: Reaching,
): SqlFragment {
  const r = raw(judged.alias)
  const at = now().toISOString()
  const ofPatient = hasPatient(judged.type) ? sql`x.patient = ${r}.patient` : sql`x.compartment = ANY (${r}.tokens)`
  return sql`EXISTS (SELECT FROM relation x
     WHERE ${ofPatient} AND x.grantee = ANY(${grantees}::text[]) AND x.kind = ANY(${relations}::text[])
       AND ${isInForce('x', at)}
       AND (x.types IS NULL OR ${r}.type = ANY (x.types)) AND (x.codes IS NULL OR x.codes && ${r}.tokens))`
}

/** What the part adds beside whose it is: the patient in context, labels, and what patients have closed. */
export function limitConditions(part: Part, judged: Judged, reaching: Reaching): SqlFragment[] {
  const { patient, hiddenLabels, restrictedAs } = part
  return [
    ...(patient === undefined ? [] : [isOf(patient, judged)]),
    ...(hiddenLabels.length === 0 ? [] : [sql`NOT ${hasToken(judged, hiddenLabels.map(labelToken))}`]),
    ...(restrictedAs.length === 0 ? [] : [sql`NOT ${closedCondition(restrictedAs, judged, reaching)}`]),
  ]
}

/** Where labels stand. */
export const SECURITY_PATH = 'Resource.meta.security'

function labelToken(label: string): string {
  const bar = label.indexOf('|')
  return systemCodeToken(SECURITY_PATH, label.slice(0, bar), label.slice(bar + 1))
}

/**
 * The row's patient has closed it to somebody of these. A restriction without its own class or resource closes the record, and
 * leaves who the patient is.
 */
function closedCondition(restrictedAs: string[], judged: Judged, reaching: Reaching): SqlFragment {
  const r = raw(judged.alias)
  const at = reaching.now().toISOString()
  const isForThem = (x: string) => sql`${raw(x)}.whom && ${restrictedAs}::text[] AND ${isInForce(x, at)}`
  const concerns = (x: string, undated: SqlFragment) => {
    const row = raw(x)
    return sql`(${row}.types IS NULL OR ${r}.type = ANY (${row}.types)) AND (${row}.codes IS NULL OR ${row}.codes && ${r}.tokens)
       AND (${row}.labels IS NULL OR ${row}.labels && ${r}.tokens)
       AND (${row}.data IS NULL OR (${r}.type || '/' || ${r}.id) = ANY (${row}.data))
       AND (${row}.low IS NULL OR CASE WHEN ${r}.date_low IS NULL THEN ${undated}
            ELSE ${r}.date_low < ${row}.high AND ${r}.date_high > ${row}.low END)`
  }
  const ofPatient = reaching.hasPatient(judged.type)
    ? sql`c.patient = ${r}.patient`
    : sql`c.compartment = ANY (${r}.tokens)`
  const isSelf = judged.type === 'Patient' ? sql`AND (c.types IS NOT NULL OR c.data IS NOT NULL)` : sql``
  return sql`EXISTS (SELECT FROM restriction c
     WHERE ${ofPatient} AND NOT c.exception AND ${isForThem('c')} AND ${concerns('c', sql`true`)} ${isSelf}
       AND NOT EXISTS (SELECT FROM restriction e WHERE e.bucket = c.bucket AND e.rk = c.rk AND e.exception AND e.rule = c.rule
                          AND ${isForThem('e')} AND ${concerns('e', sql`false`)})
       AND NOT ${isOpenedBy(restrictedAs, at)})`
}

/** All of them; `true` for none. */
export const allOf = (conditions: SqlFragment[]): SqlFragment =>
  conditions.length === 0 ? sql`true` : sql`(${join(conditions, ' AND ')})`
