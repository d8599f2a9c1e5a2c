/** A statement with its values apart from its text, so that no value can ever become SQL. */
export type Sql = { text: string; values: unknown[] }

const SQL = Symbol('sql')
type Fragment = Sql & { [SQL]: true; strings: string[] }

const isFragment = (value: unknown): value is Fragment => typeof value === 'object' && value !== null && SQL in value

/**
 * SQL written as SQL: every `${value}` becomes a numbered parameter; another `sql` fragment is put in as it stands.
 * @example tx.query(sql`SELECT content FROM resource WHERE bucket = ${bucket} AND rk = ${rk}`)
 */
export function sql(parts: TemplateStringsArray, ...given: unknown[]): Fragment {
  const strings: string[] = [parts[0] ?? '']
  const values: unknown[] = []
  for (const [i, value] of given.entries()) {
    if (isFragment(value)) append(strings, values, value)
    else {
      values.push(value)
      strings.push('')
    }
    strings[strings.length - 1] += parts[i + 1] ?? ''
  }
  return fragment(strings, values)
}

/** Fragments in a row, such as the conditions of a WHERE. An empty list gives an empty fragment. */
export function join(fragments: Fragment[], separator: string): Fragment {
  const strings: string[] = ['']
  const values: unknown[] = []
  for (const [i, next] of fragments.entries()) {
    if (i > 0) strings[strings.length - 1] += separator
    append(strings, values, next)
  }
  return fragment(strings, values)
}

/** Puts a fragment behind what stands there already. */
function append(strings: string[], values: unknown[], next: Fragment): void {
  const [first = '', ...rest] = next.strings
  strings[strings.length - 1] += first
  strings.push(...rest)
  values.push(...next.values)
}

/** SQL text that stands in our own code, such as a column's name from a table of ours. Never anything a caller sent. */
export function raw(text: string): Fragment {
  return fragment([text], [])
}

function fragment(strings: string[], values: unknown[]): Fragment {
  let written: string | undefined
  return {
    [SQL]: true,
    strings,
    values,
    // Put together once, when the whole statement is asked for it: parts of it never are.
    get text() {
      written ??= strings.reduce((text, part, i) => `${text}$${i}${part}`)
      return written
    },
  }
}

export type { Fragment as SqlFragment }
