/** A statement with its values apart from its text, so that no value can ever become SQL. */
export type Sql = { text: string; values: unknown[] }

/**
 * A statement, or a part of one, as it was written: `parts[0] given[0] parts[1] …`. Nothing is put together before the whole is
 * asked for.
 */
class Fragment implements Sql {
  readonly parts: readonly string[]
  readonly given: readonly unknown[]
  private written: Sql | undefined

  constructor(parts: readonly string[], given: readonly unknown[]) {
    this.parts = parts
    this.given = given
  }

  get text(): string {
    return this.write().text
  }

  get values(): unknown[] {
    return this.write().values
  }

  private write(): Sql {
    this.written ??= writeOut(this)
    return this.written
  }
}

/**
 * SQL written as SQL: every `${value}` becomes a numbered parameter; another `sql` fragment is put in as it stands.
 * @example tx.query(sql`SELECT content FROM resource WHERE bucket = ${bucket} AND rk = ${rk}`)
 */
export function sql(parts: TemplateStringsArray, ...given: unknown[]): Fragment {
  return new Fragment(parts, given)
}

/** Fragments in a row, such as the conditions of a WHERE. An empty list gives an empty fragment. */
export function join(fragments: Fragment[], separator: string): Fragment {
  const [only] = fragments
  if (!only) return raw('')
  return fragments.length === 1 ? only : new Fragment(separators(separator, fragments.length), fragments)
}

/** SQL text that stands in our own code, such as a column's name from a table of ours. Never anything a caller sent. */
export function raw(text: string): Fragment {
  return new Fragment(
    interned(text, () => [text]),
    [],
  )
}

/**
 * Words of our own, such as types of resources, as literals: `'CarePlan', 'Goal'`. Of a statement that is given them as values PostgreSQL
 * believes that the plan for just these is better than any that it could keep, and makes one each time.
 * @throws Error for what is no plain word, or for none
 */
export function words(list: readonly string[]): Fragment {
  if (list.length === 0 || !list.every((word) => /^[\w-]+$/.test(word))) throw new Error(`${list} are no words`)
  return raw(list.map((word) => `'${word}'`).join(', '))
}

/**
 * Values as rows of one column, each once, to be joined with a table. PostgreSQL does not look at how many there are, or how common each of
 * them is: of `= ANY (…)` with hundreds it asks that for each, and plans longer than it reads.
 */
export const each = (values: readonly string[]): Fragment =>
  sql`json_array_elements_text(${JSON.stringify([...new Set(values)])}::json)`

const separators = (separator: string, count: number) =>
  interned(`${count} ${separator}`, () => ['', ...Array.from({ length: count - 1 }, () => separator), ''])

/** The same parts for the same text, as a template's parts are: by these the shape of a statement is known again. */
function interned(name: string, make: () => readonly string[]): readonly string[] {
  const known = partsByName.get(name)
  if (known) return known
  const parts = make()
  if (partsByName.size < SHAPE_COUNT_MAX) partsByName.set(name, parts)
  return parts
}
const partsByName = new Map<string, readonly string[]>()
/** Shapes are as many as the ways in which people ask; whoever asks in ever new ways has the text put together each time. */
const SHAPE_COUNT_MAX = 50_000

/**
 * The values in order, and the text. A search puts a statement together of some tens of parts for each request; where parts and
 * values follow each other as they did before, the text is the one of before.
 */
function writeOut(fragment: Fragment): Sql {
  const values: unknown[] = []
  const shape = follow(fragment, shapes, values)
  if (!shape) return { text: textOf(fragment, { count: 0 }), values }
  shape.text ??= textOf(fragment, { count: 0 })
  return { text: shape.text, values }
}

/** Where a row of parts and values leads; `text` where a statement has ended. */
type Shape = { next: Map<readonly string[] | typeof VALUE, Shape>; text?: string }
const VALUE = Symbol('value')
const shapes: Shape = { next: new Map() }
let shapeCount = 0

function follow(fragment: Fragment, from: Shape | undefined, values: unknown[]): Shape | undefined {
  let shape = step(from, fragment.parts)
  for (const value of fragment.given) {
    if (value instanceof Fragment) shape = follow(value, shape, values)
    else {
      values.push(value)
      shape = step(shape, VALUE)
    }
  }
  return shape
}

function step(from: Shape | undefined, by: readonly string[] | typeof VALUE): Shape | undefined {
  const known = from?.next.get(by)
  if (known || !from || shapeCount >= SHAPE_COUNT_MAX) return known
  const shape: Shape = { next: new Map() }
  shapeCount++
  from.next.set(by, shape)
  return shape
}

function textOf({ parts, given }: Fragment, values: { count: number }): string {
  let text = parts[0] ?? ''
  for (const [i, value] of given.entries()) {
    text += value instanceof Fragment ? textOf(value, values) : `$${++values.count}`
    text += parts[i + 1]
  }
  return text
}

export type { Fragment as SqlFragment }
