import { refuse } from '../core/fhir/outcome.ts'
import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { fold } from './fold.ts'
import { foldInSql } from './fold-in-sql.ts'
import { jsonPath } from './json-path.ts'
import type { Parameter } from './parameters.ts'
import type { Filter } from './search-filter.ts'

/** Where the words of a coded value stand. */
const TEXTS: Record<string, string[]> = {
  CodeableConcept: ['.text', '.coding[*].display'],
  Coding: ['.display'],
  Identifier: ['.type.text', '.type.coding[*].display'],
}

/**
 * `:text` on a token: its text begins with the value, without regard to case and accents. Not indexed: it reads the content of what the other conditions leave.
 * @see https://hl7.org/fhir/R4/search.html#token
 */
export function textCondition({ parameter, values }: Extract<Filter, { kind: 'text' }>, alias: string): SqlFragment {
  const leaves = parameter.keys.flatMap(({ key }) => key.leaves)
  const paths = leaves.flatMap((leaf) => (TEXTS[leaf.type] ?? []).map((within) => jsonPath(leaf, within)))
  if (paths.length === 0) {
    throw refuse('not-supported', `${parameter.code} holds no text that :text could look at.`, `${parameter.code}:text`)
  }
  const content = sql`${raw(alias)}.content::jsonb`
  const texts = paths.map((path) => sql`SELECT jsonb_path_query(${content}, ${path}::jsonpath) #>> '{}'`)
  const begins = values.map((value) => sql`starts_with(${foldInSql(sql`t.value`)}, ${fold(value)})`)
  return sql`EXISTS (SELECT FROM (${join(texts, ' UNION ALL ')}) AS t(value) WHERE ${join(begins, ' OR ')})`
}

/**
 * `:identifier=system|`: a logical reference with any identifier of the system. Not indexed either.
 * @throws Refusal not-supported for a parameter whose values no path leads to
 * @see https://hl7.org/fhir/R4/search.html#reference
 */
export function identifierSystemCondition({ keys, code }: Parameter, systems: string[], alias: string): SqlFragment {
  const paths = keys.flatMap(({ key }) => key.leaves.map((leaf) => jsonPath(leaf, '.identifier.system')))
  if (paths.length === 0) {
    // A parameter of somebody's own may need FHIRPath for each resource, which PostgreSQL has not.
    throw refuse('not-supported', `${code}:identifier needs a value after the system here.`, `${code}:identifier`)
  }
  const content = sql`${raw(alias)}.content::jsonb`
  const found = paths.map((path) => sql`SELECT jsonb_path_query(${content}, ${path}::jsonpath) #>> '{}'`)
  return sql`EXISTS (SELECT FROM (${join(found, ' UNION ALL ')}) AS t(system) WHERE t.system = ANY(${systems}::text[]))`
}
