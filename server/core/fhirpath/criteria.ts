/** An item as the library hands it around: a node of a resource, or a value of its own. */
type Item = unknown
type Criterion = (item: Item) => Item[]
type Context = { $index?: number }

/**
 * Whether a criterion holds for an item. The library takes any node for true, also one that says false: `%limits.where(hit)` would
 * give all of them. A single thing that is no boolean is there, and counts as true; several are no answer.
 * @throws Error for several
 * @see https://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections
 */
function holds(result: Item[]): boolean {
  if (result.length > 1) throw new Error(`a criterion gave ${result.length} values, where one is asked for`)
  if (result.length === 0) return false
  const [item] = result
  const isNode = typeof item === 'object' && item !== null && 'data' in item && 'path' in item
  const value = isNode ? item.data : item
  return typeof value === 'boolean' ? value : value !== null && value !== undefined
}

function where(this: Context, items: Item[], criterion: Criterion): Item[] {
  return items.filter((item, i) => {
    this.$index = i
    return holds(criterion(item))
  })
}

function exists(this: Context, items: Item[], criterion?: Criterion): boolean[] {
  return [(criterion ? where.call(this, items, criterion) : items).length > 0]
}

/** `where` and `exists`, in place of the library's. */
export const CRITERIA = {
  where: { fn: where, arity: { 1: ['Expr' as const] }, internalStructures: true },
  exists: { fn: exists, arity: { 0: [], 1: ['Expr' as const] }, internalStructures: true },
}
