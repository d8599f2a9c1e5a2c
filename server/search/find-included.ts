import type { Queryable } from '../db/pool.ts'
import { type SqlFragment, sql } from '../db/sql.ts'
import { reachOfTypes } from './compile-filter.ts'
import { parseLiteralReference } from './extract-reference.ts'
import { type Lookup, meantByCanonical, referringByCanonical } from './find-canonical.ts'
import type { KeyUse } from './parameters.ts'
import type { Include } from './parse-include.ts'
import { walk } from './path-walk.ts'
import type { SearchQuery } from './search-query.ts'
import type { SearchScope } from './search-scope.ts'
import { referenceToken, tokenHash } from './token-hash.ts'
import { withheldColumn } from './withheld-condition.ts'

/** What an included resource brings. */
export type IncludedRow = { type: string; id: string; content: string; withheld?: boolean }

/** Beyond these an answer is cut; a client that wants more asks for it by a search of its own. */
const INCLUDED_COUNT_MAX = 1000
const ROUND_COUNT_MAX = 8

/**
 * What `_include` and `_revinclude` add to a page: each resource once, no match again, and nothing that the caller may not see.
 * References are read from the matches' own text, so including costs other searches nothing.
 * @see https://hl7.org/fhir/R4/search.html#revinclude
 */
export async function findIncluded(
  db: Queryable,
  query: SearchQuery,
  matches: IncludedRow[],
  scope: SearchScope,
): Promise<IncludedRow[]> {
  const known = new Set(matches.map(nameOf))
  const included: IncludedRow[] = []
  let includes = query.includes
  let fresh: IncludedRow[] = matches
  for (let round = 0; round < ROUND_COUNT_MAX && includes.length > 0 && fresh.length > 0; round++) {
    const room = INCLUDED_COUNT_MAX - included.length
    const found: IncludedRow[] = []
    for (const { statement, isMeant } of lookups(includes, fresh, known, scope, room)) {
      const { rows } = await db.query<IncludedRow>(statement)
      for (const row of rows) {
        if (known.has(nameOf(row)) || found.length >= room || !isMeant(row)) continue
        known.add(nameOf(row))
        found.push(row)
      }
    }
    included.push(...found)
    fresh = found
    includes = includes.filter(({ iterate }) => iterate)
  }
  return included
}

const nameOf = ({ type, id }: { type: string; id: string }): string => `${type}/${id}`

function lookups(
  includes: Include[],
  fresh: IncludedRow[],
  known: ReadonlySet<string>,
  scope: SearchScope,
  countMax: number,
): Lookup[] {
  const forward = includes.filter(({ direction }) => direction === 'include')
  const wanted = [...new Set(fresh.flatMap((row) => referencesFrom(row, forward, scope)))].filter(
    (name) => !known.has(name),
  )
  const backward = includes.filter(({ direction }) => direction === 'revinclude')
  const exact = [
    ...(wanted.length > 0 ? [byName(wanted, scope, countMax)] : []),
    ...referringTo(backward, fresh, scope, countMax),
  ]
  return [
    ...exact.map((statement) => ({ statement, isMeant: () => true })),
    ...meantByCanonical(forward, fresh, scope, countMax),
    ...referringByCanonical(backward, fresh, scope, countMax),
  ]
}

/** `Type/id` of everything that the includes ask for from one resource. */
function referencesFrom({ type, content }: IncludedRow, includes: Include[], { baseUrl = '' }: SearchScope): string[] {
  const followed = includes.filter(({ source }) => source === type)
  if (followed.length === 0) return []
  const resource: unknown = JSON.parse(content)
  return followed.flatMap(({ parameters, target }) =>
    parameters
      .flatMap(({ keys }) => keys.flatMap((use) => literalsAt(use, resource, baseUrl)))
      .filter((literal) => target === undefined || target === literal.type)
      .map(nameOf),
  )
}

function literalsAt({ key, target }: KeyUse, resource: unknown, baseUrl: string): { type: string; id: string }[] {
  const literals: { type: string; id: string }[] = []
  for (const { hops } of key.leaves) {
    walk(resource, hops, (value) => {
      const text = typeof value === 'string' ? value : (value as { reference?: unknown } | null)?.reference
      const literal = typeof text === 'string' ? parseLiteralReference(text, baseUrl) : undefined
      if (literal && (target === undefined || target === literal.type)) literals.push(literal)
    })
  }
  return literals
}

/** Resources by `Type/id`, each type within its own reach. */
function byName(names: string[], scope: SearchScope, countMax: number): SqlFragment {
  const wanted = names.map((name) => {
    const [type = '', id = ''] = name.split('/')
    return { type, id, key: scope.locate(id) }
  })
  const types = [...new Set(wanted.map(({ type }) => type))]
  return sql`
SELECT r.type, r.id, r.content${withheldColumn({ alias: 'r' }, scope)}
  FROM unnest(${wanted.map(({ type }) => type)}::text[], ${wanted.map(({ id }) => id)}::text[],
              ${wanted.map(({ key }) => key?.bucket ?? null)}::smallint[], ${wanted.map(({ key }) => key?.rk ?? null)}::bigint[]
             ) AS k(type, id, bucket, rk)
  LEFT JOIN placed_id p ON p.type = k.type AND p.id = k.id
  JOIN resource r ON r.bucket = coalesce(p.bucket, k.bucket) AND r.rk = coalesce(p.rk, k.rk)
                 AND r.type = k.type AND r.id = k.id
 WHERE NOT r.deleted AND ${reachOfTypes(types, INCLUDED, scope)}
 LIMIT ${countMax}`
}

/** Resources that refer to one of these, of every include's source at once, each type within its own reach. */
function referringTo(includes: Include[], fresh: IncludedRow[], scope: SearchScope, countMax: number): SqlFragment[] {
  const tokens = new Set(includes.flatMap((include) => tokensTo(include, fresh)))
  if (tokens.size === 0) return []
  const sources = [...new Set(includes.map(({ source }) => source))]
  return [
    sql`
SELECT r.type, r.id, r.content${withheldColumn({ alias: 'r' }, scope)}
  FROM resource r
 WHERE NOT r.deleted AND r.tokens && ${[...tokens].map(tokenHash)}::bigint[] AND ${reachOfTypes(sources, INCLUDED, scope)}
 ORDER BY r.rk LIMIT ${countMax}`,
  ]
}

function tokensTo({ parameters, target }: Include, fresh: IncludedRow[]): string[] {
  const goals = fresh.filter(({ type }) => target === undefined || target === type)
  return parameters.flatMap(({ keys }) =>
    keys.flatMap(({ key, target: only }) =>
      goals
        .filter(({ type }) => only === undefined || only === type)
        .map((goal) => referenceToken(key.path, nameOf(goal))),
    ),
  )
}

const INCLUDED = { alias: 'r', depth: 0, byPatient: false }
