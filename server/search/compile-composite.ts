import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { dateCondition, numberCondition, quantityCondition, stringCondition } from './compile-side.ts'
import { referenceTokensOf, tokenTokensOf } from './filter-tokens.ts'
import { PART_MAX } from './index-row.ts'
import type { Filter } from './search-filter.ts'

/**
 * Some element of a repeating root meets all parts. Its number stands in the rows of the side tables, and in tokens
 * (`partToken`), which are hashed here for each number that comes into question.
 */
export function samePartCondition(parts: Filter[], alias: string): SqlFragment {
  // What a part finds outside of the root (`%resource`) holds for every element.
  const within = parts.filter((part) => 'parameter' in part && part.parameter.keys.every(({ key }) => key.parted))
  const conditions = [sql`true`, ...within.map((part) => partCondition(part, alias))]
  return sql`EXISTS (SELECT FROM generate_series(0, ${PART_MAX}::int) AS p(part) WHERE ${join(conditions, ' AND ')})`
}

function partCondition(part: Filter, alias: string): SqlFragment {
  const subject = { alias, part: 'p.part' }
  switch (part.kind) {
    case 'token':
      return tokensOfPart(tokenTokensOf(part), alias)
    case 'reference':
      return tokensOfPart(referenceTokensOf(part), alias)
    case 'string':
      return stringCondition(part, subject)
    case 'date':
      return dateCondition(part, subject)
    case 'number':
      return numberCondition(part, subject)
    case 'quantity':
      return quantityCondition(part, subject)
    default:
      // R4's composites have no other parts; one that had is met by its condition on the whole resource.
      return sql`true`
  }
}

const tokensOfPart = (tokens: string[], alias: string): SqlFragment =>
  sql`${raw(alias)}.tokens && ARRAY(SELECT token_hash('#' || p.part || '#' || t) FROM unnest(${tokens}::text[]) t)`
