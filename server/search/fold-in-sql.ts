import { type SqlFragment, sql } from '../db/sql.ts'

/** The blocks that hold the accents of writing in Latin, Greek and Cyrillic letters. */
const ACCENTS = '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]'

/**
 * What `fold` makes of a text, for texts that are read from the content and not from the index. Accents go before case: a
 * database whose locale is C knows the case of ASCII letters alone.
 */
export function foldInSql(text: SqlFragment): SqlFragment {
  const bare = sql`regexp_replace(normalize(${text}, NFD), ${ACCENTS}, '', 'g')`
  const single = sql`translate(${bare}, 'ØøĐđÐðŁłŦŧŊŋı', 'ooddddllttnni')`
  const doubled = DOUBLED.reduce((all, [letter, two]) => sql`replace(${all}, ${letter}, ${two})`, single)
  return sql`btrim(regexp_replace(lower(${doubled}), '\\s+', ' ', 'g'))`
}

const DOUBLED = [
  ['Æ', 'ae'],
  ['æ', 'ae'],
  ['Œ', 'oe'],
  ['œ', 'oe'],
  ['Þ', 'th'],
  ['þ', 'th'],
  ['ß', 'ss'],
] as const
