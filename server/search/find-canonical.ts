import { join, type SqlFragment, sql } from '../db/sql.ts'
import { reachCondition } from './compile-filter.ts'
import type { Include } from './parse-include.ts'
import { walk } from './path-walk.ts'
import type { SearchScope } from './search-scope.ts'
import { codeToken, referenceToken, tokenHash } from './token-hash.ts'
import { withheldColumn } from './withheld-condition.ts'

// What is included by its url: `_include=QuestionnaireResponse:questionnaire`, and the other way round.

type Row = { type: string; id: string; content: string; withheld?: boolean }
/** `url|version`, the version only where it is stated; a fragment says which part is meant, and is left out. */
type Canonical = { url: string; version: string | undefined }
/** A statement, and which of its rows are really meant: the index does not tell versions apart. */
export type Lookup = { statement: SqlFragment; isMeant: (row: Row) => boolean }

/** What the includes' canonicals of these rows mean. */
export function meantByCanonical(includes: Include[], rows: Row[], scope: SearchScope, countMax: number): Lookup[] {
  const wanted = new Map<string, Canonical[]>()
  for (const row of rows) {
    for (const { source, parameters, target } of includes) {
      if (source !== row.type) continue
      for (const { keys, targets } of parameters) {
        const canonicals = keys.flatMap(({ key }) => canonicalsAt(key.leaves, row.content))
        if (canonicals.length === 0) continue
        for (const type of target === undefined ? targets : [target]) {
          wanted.set(type, [...(wanted.get(type) ?? []), ...canonicals])
        }
      }
    }
  }
  return [...wanted].map(([type, canonicals]) => ({
    statement: select(
      type,
      canonicals.map(({ url }) => codeToken(`${type}.url`, url)),
      scope,
      countMax,
    ),
    isMeant: (row) => canonicals.some((one) => names(one, row.content)),
  }))
}

/** What refers to these rows by their urls. */
export function referringByCanonical(includes: Include[], rows: Row[], scope: SearchScope, countMax: number): Lookup[] {
  return includes.flatMap(({ source, parameters, target }) => {
    const goals = rows.filter(({ type }) => target === undefined || target === type)
    const keys = parameters
      .flatMap((one) => one.keys.map(({ key }) => key))
      .filter(({ leaves }) => leaves.some(isCanonical))
    const tokens = goals.flatMap(({ content }) => {
      const url = keys.length > 0 ? urlOf(content).url : ''
      return url === '' ? [] : keys.map(({ path }) => referenceToken(path, url))
    })
    if (tokens.length === 0) return []
    const isMeant = (row: Row) => {
      const said = keys.flatMap(({ leaves }) => canonicalsAt(leaves, row.content))
      return goals.some(({ content }) => said.some((one) => names(one, content)))
    }
    return [{ statement: select(source, tokens, scope, countMax), isMeant }]
  })
}

const isCanonical = ({ type }: { type: string }): boolean => type === 'canonical'

function canonicalsAt(
  leaves: Include['parameters'][number]['keys'][number]['key']['leaves'],
  content: string,
): Canonical[] {
  const walked = leaves.filter(isCanonical)
  if (walked.length === 0) return []
  const resource: unknown = JSON.parse(content)
  const canonicals: Canonical[] = []
  for (const { hops } of walked) {
    walk(resource, hops, (value) => {
      if (typeof value === 'string') canonicals.push(parse(value))
    })
  }
  return canonicals
}

function parse(canonical: string): Canonical {
  const [url = '', version] = (canonical.split('#', 1)[0] ?? '').split('|')
  return { url, version }
}

function urlOf(content: string): Canonical {
  const { url, version } = JSON.parse(content) as { url?: unknown; version?: unknown }
  return { url: typeof url === 'string' ? url : '', version: typeof version === 'string' ? version : undefined }
}

/** A canonical without a version means every version of what has the url. */
function names({ url, version }: Canonical, content: string): boolean {
  const has = urlOf(content)
  return has.url === url && (version === undefined || version === has.version)
}

const select = (type: string, tokens: string[], scope: SearchScope, countMax: number): SqlFragment => {
  const conditions = [
    sql`r.type = ${type}`,
    sql`NOT r.deleted`,
    sql`r.tokens && ${[...new Set(tokens)].map(tokenHash)}::bigint[]`,
    ...reachCondition(scope.reachOf(type), { alias: 'r', type, depth: 0, byPatient: false }, scope),
  ]
  return sql`
SELECT r.type, r.id, r.content${withheldColumn({ alias: 'r', type }, scope)}
  FROM resource r
 WHERE ${join(conditions, ' AND ')}
 ORDER BY r.rk LIMIT ${countMax}`
}
