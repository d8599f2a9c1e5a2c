import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { jsonPath } from './json-path.ts'
import type { SearchKey } from './search-key.ts'

// Links by url instead of by id: `QuestionnaireResponse.questionnaire` says `http://…/cat|1.0`, and means what has that url.

export const isCanonical = ({ leaves }: SearchKey): boolean => leaves.some(({ type }) => type === 'canonical')

/** A row that refers by a canonical, and the row that is meant. */
type Ends = { from: string; to: string }

const urlOf = (alias: string): SqlFragment => sql`(${raw(alias)}.content::jsonb ->> 'url')`

/**
 * `from` holds the url of `to`, with its version or without any. The token finds it by the index; since a canonical with a version
 * has a token without it too, what it says is looked up in the content.
 */
export function refersByCanonical(key: SearchKey, { from, to }: Ends): SqlFragment {
  return sql`(${raw(from)}.tokens && ARRAY[token_hash(${`${key.path}>`}::text || ${urlOf(to)})] AND ${says(key, from, to)})`
}

/** Some row of `found` (`FROM resource to WHERE …`) is what `from` means. The urls are gathered first, so that the index is asked once. */
export function refersToSome(key: SearchKey, { from, to }: Ends, found: SqlFragment): SqlFragment {
  const urls = sql`ARRAY(SELECT token_hash(${`${key.path}>`}::text || ${urlOf(to)}) ${found} AND ${urlOf(to)} IS NOT NULL)`
  return sql`(${raw(from)}.tokens && ${urls} AND EXISTS (SELECT ${found} AND ${says(key, from, to)}))`
}

function says({ leaves }: SearchKey, from: string, to: string): SqlFragment {
  const content = sql`${raw(from)}.content::jsonb`
  const canonicals = leaves.map(
    (leaf) => sql`SELECT jsonb_path_query(${content}, ${jsonPath(leaf, '')}::jsonpath) #>> '{}'`,
  )
  const version = sql`(${raw(to)}.content::jsonb ->> 'version')`
  return sql`EXISTS (SELECT FROM (${join(canonicals, ' UNION ALL ')}) AS c(value)
                      WHERE split_part(c.value, '#', 1) IN (${urlOf(to)}, ${urlOf(to)} || '|' || ${version}))`
}
