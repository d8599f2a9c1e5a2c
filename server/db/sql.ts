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
  given.forEach((value, i) => {
    const after = parts[i + 1] ?? ''
    const last = strings.length - 1
    if (!isFragment(value)) {
      values.push(value)
      strings.push(after)
      return
    }
    strings[last] += value.strings[0] ?? ''
    values.push(...value.values)
    strings.push(...value.strings.slice(1))
    strings[strings.length - 1] += after
  })
  return fragment(strings, values)
}

/** Fragments in a row, such as the conditions of a WHERE. An empty list gives an empty fragment. */
export function join(fragments: Fragment[], separator: string): Fragment {
  const [first, ...rest] = fragments
  if (!first) return fragment([''], [])
  return rest.reduce((all, next) => sql`${all}${raw(separator)}${next}`, first)
}

/** SQL text that stands in our own code, such as a column's name from a table of ours. Never anything a caller sent. */
export function raw(text: string): Fragment {
  return fragment([text], [])
}

function fragment(strings: string[], values: unknown[]): Fragment {
  return {
    [SQL]: true,
    strings,
    values,
    get text() {
      let text = strings[0] ?? ''
      for (let i = 1; i < strings.length; i++) text += `$${i}${strings[i]}`
      return text
    },
  }
}

export type { Fragment as SqlFragment }
