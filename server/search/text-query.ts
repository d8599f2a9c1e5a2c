import { refuse } from '../core/fhir/outcome.ts'
import { type SqlFragment, sql } from '../db/sql.ts'

/** What a text is searched for: words in any order, "a phrase", and how they are joined. */
export type TextQuery =
  | { kind: 'word' | 'phrase'; text: string }
  | { kind: 'and' | 'or'; parts: TextQuery[] }
  | { kind: 'not'; part: TextQuery }

const DEPTH_MAX = 20
const WORD_COUNT_MAX = 50
const WORD = /\s*(?:"([^"]*)"|([()])|([^\s()"]+)|")/y

type Word = { text: string; kind: 'word' | 'phrase' | 'bracket' }
type Reader = { words: Word[]; at: number; depth: number }

/**
 * Reads the value of `_text` or `_content`: `(bone OR liver) AND metastases`, `heart NOT failure`, `"chronic bronchitis"`. Words
 * that nothing joins must all be there; OR binds less than AND. What is no such query is taken for words.
 * @throws Refusal value for one that is too long or too deep
 * @see https://hl7.org/fhir/R4/search.html#content
 */
export function parseTextQuery(name: string, text: string): TextQuery {
  const words = toWords(text)
  if (words.length > WORD_COUNT_MAX) throw refuse('value', `${name} has more than ${WORD_COUNT_MAX} words.`, name)
  const reader: Reader = { words, at: 0, depth: 0 }
  const parts: TextQuery[] = []
  while (reader.at < words.length) {
    parts.push(readOr(reader, name))
    // A bracket that closes nothing.
    if (reader.at < words.length) reader.at++
  }
  return joined('and', parts)
}

function toWords(text: string): Word[] {
  const words: Word[] = []
  const end = text.trimEnd().length
  WORD.lastIndex = 0
  while (WORD.lastIndex < end) {
    const [, phrase, bracket, word] = WORD.exec(text) ?? []
    if (phrase !== undefined) words.push({ kind: 'phrase', text: phrase })
    else if (bracket !== undefined) words.push({ kind: 'bracket', text: bracket })
    else if (word !== undefined) words.push({ kind: 'word', text: word })
  }
  return words
}

/** and ( 'OR' and )* */
function readOr(reader: Reader, name: string): TextQuery {
  const parts = [readAnd(reader, name)]
  while (takeKeyword(reader, 'OR')) parts.push(readAnd(reader, name))
  return joined('or', parts)
}

/** part ( 'AND'? part )* */
function readAnd(reader: Reader, name: string): TextQuery {
  const parts: TextQuery[] = []
  for (;;) {
    if (takeKeyword(reader, 'AND')) continue
    const next = reader.words[reader.at]
    if (!next || isKeyword(next, 'OR') || isBracket(next, ')')) return joined('and', parts)
    parts.push(readPart(reader, name, next))
  }
}

function readPart(reader: Reader, name: string, word: Word): TextQuery {
  reader.at++
  if (word.kind === 'phrase') return { kind: 'phrase', text: word.text }
  if (word.kind === 'bracket') return readBracket(reader, name)
  const next = reader.words[reader.at]
  if (isKeyword(word, 'NOT') && next && !isBracket(next, ')'))
    return { kind: 'not', part: readPart(reader, name, next) }
  return { kind: 'word', text: word.text }
}

function readBracket(reader: Reader, name: string): TextQuery {
  if (++reader.depth > DEPTH_MAX)
    throw refuse('value', `${name} has more than ${DEPTH_MAX} brackets in each other.`, name)
  const inner = readOr(reader, name)
  if (isBracket(reader.words[reader.at], ')')) reader.at++
  reader.depth--
  return inner
}

const isKeyword = (word: Word | undefined, text: string): boolean => word?.kind === 'word' && word.text === text
const isBracket = (word: Word | undefined, text: string): boolean => word?.kind === 'bracket' && word.text === text

function takeKeyword(reader: Reader, text: string): boolean {
  if (!isKeyword(reader.words[reader.at], text)) return false
  reader.at++
  return true
}

function joined(kind: 'and' | 'or', parts: TextQuery[]): TextQuery {
  const [only] = parts
  return parts.length === 1 && only ? only : { kind, parts }
}

/** As a tsquery, each word in both languages: nobody says which one a text is in, and many are in both. */
export function toTsQuery(query: TextQuery): SqlFragment {
  switch (query.kind) {
    case 'word': {
      const found = sql`(plainto_tsquery('norwegian', ${query.text}) || plainto_tsquery('english', ${query.text}))`
      const other = withOtherM(query.text)
      return other === undefined ? found : sql`(${found} || plainto_tsquery('norwegian', ${other}))`
    }
    case 'phrase':
      return sql`(phraseto_tsquery('norwegian', ${query.text}) || phraseto_tsquery('english', ${query.text}))`
    case 'not':
      return sql`(!! ${toTsQuery(query.part)})`
    default: {
      const [first, ...rest] = query.parts
      if (!first) return sql`''::tsquery`
      return rest.reduce(
        (all, part) =>
          query.kind === 'and' ? sql`(${all} && ${toTsQuery(part)})` : sql`(${all} || ${toTsQuery(part)})`,
        toTsQuery(first),
      )
    }
  }
}

/**
 * A form of the word by which its other stem is found. Norwegian doubles an m before an ending and never at a word's end (sykdom,
 * sykdommen; program, programmet), which the stemmer does not undo: sykdom, sykdomm.
 */
function withOtherM(word: string): string | undefined {
  const withoutEnding = word.replace(/(?<=\p{L})mm(?:en|et|er|ene|a|e)?s?$/iu, 'm')
  if (withoutEnding !== word) return withoutEnding
  return /(?!m)\p{L}m$/iu.test(word) ? `${word}men` : undefined
}
