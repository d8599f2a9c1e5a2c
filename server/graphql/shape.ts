import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

type Data = Record<string, unknown>

/** What is needed to know, beside the answer, to apply the directives in it. */
export type Shaping = {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** The names of the elements of each list that is sliced, by its path. */
  slices: ReadonlyMap<string, string[]>
}

/**
 * Applies R4's directives to an answer: `@first`, `@flatten`, `@singleton` and `@slice`. An answer without any is returned as it is.
 * @throws GraphQLError where a singleton has several values
 * @see https://hl7.org/fhir/R4/graphql.html#directives
 */
export function shapeAnswer(data: Data, operation: OperationDefinitionNode, shaping: Shaping): Data {
  return shapeObject(data, operation.selectionSet, '', shaping)
}

function shapeObject(object: Data, selections: SelectionSetNode, path: string, shaping: Shaping): Data {
  const shaped: Data = {}
  const collected = new Map<string, Collected>()
  for (const [key, node] of fieldsIn(selections, shaping)) {
    // Of a fragment for another type, or skipped.
    if (!Object.hasOwn(object, key)) continue
    const at = path === '' ? key : `${path}.${key}`
    const value = isMarked(node, 'first') && Array.isArray(object[key]) ? object[key].slice(0, 1) : object[key]
    if (isMarked(node, 'flatten')) collect(collected, value, node, at, shaping)
    else shaped[key] = shapeValue(value, node, at, shaping)
  }
  for (const [key, one] of collected) shaped[key] = valueUnder(key, one)
  return shaped
}

function shapeValue(value: unknown, node: FieldNode, path: string, shaping: Shaping): unknown {
  const { selectionSet } = node
  if (selectionSet === undefined || value === null) return value
  return Array.isArray(value)
    ? value.map((item, i) => shapeValue(item, node, `${path}.${i}`, shaping))
    : shapeObject(value as Data, selectionSet, path, shaping)
}

type Collected = { values: unknown[]; node: FieldNode }

/** The values of what is below a flattened field, under the names that they get in the parent. */
function collect(collected: Map<string, Collected>, value: unknown, node: FieldNode, path: string, shaping: Shaping) {
  const { selectionSet } = node
  const names = shaping.slices.get(path)
  const items = Array.isArray(value) ? value.map((item, i) => [item, `${path}.${i}`]) : [[value, path]]
  for (const [i, [item, at]] of items.entries()) {
    if (item === null || item === undefined) continue
    const suffix = names?.[i] ? `.${names[i]}` : ''
    if (selectionSet === undefined) {
      add(collected, keyOf(node), node, item)
      continue
    }
    // What is flattened in it stands in it already.
    const shaped = shapeObject(item as Data, selectionSet, String(at), shaping)
    const nodes = fieldsIn(selectionSet, shaping)
    for (const [key, member] of Object.entries(shaped)) add(collected, key + suffix, nodes.get(key) ?? node, member)
  }
}

function add(collected: Map<string, Collected>, key: string, node: FieldNode, value: unknown): void {
  const known = collected.get(key) ?? { values: [], node }
  collected.set(key, known)
  if (Array.isArray(value)) known.values.push(...value)
  else if (value !== null && value !== undefined) known.values.push(value)
}

function valueUnder(key: string, { values, node }: Collected): unknown {
  if (!isMarked(node, 'singleton')) return values
  if (values.length > 1) {
    throw new GraphQLError(`${key} is a @singleton, and there are ${values.length} values.`, { nodes: node })
  }
  return values[0] ?? null
}

/** The fields of a selection by the name in the answer, those of its fragments too; the first of a name counts. */
function fieldsIn(selections: SelectionSetNode, shaping: Shaping): Map<string, FieldNode> {
  const found = new Map<string, FieldNode>()
  const put = (key: string, node: FieldNode) => found.set(key, merged(found.get(key), node))
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) put(keyOf(selection), selection)
    else {
      const set =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : shaping.fragments.get(selection.name.value)?.selectionSet
      if (set) for (const [key, node] of fieldsIn(set, shaping)) put(key, node)
    }
  }
  return found
}

/** A field that is selected twice has what is selected below either. */
function merged(one: FieldNode | undefined, other: FieldNode): FieldNode {
  if (!one?.selectionSet || !other.selectionSet) return one ?? other
  const selections = [...one.selectionSet.selections, ...other.selectionSet.selections]
  return { ...one, selectionSet: { ...one.selectionSet, selections } }
}

const keyOf = ({ alias, name }: FieldNode): string => (alias ?? name).value

const isMarked = ({ directives }: FieldNode, name: string): boolean =>
  directives?.some((directive) => directive.name.value === name) ?? false

/** Whether there is anything to do. */
export const usesShaping = (text: string): boolean => /@(?:flatten|first|singleton|slice)\b/.test(text)
