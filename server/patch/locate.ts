import fhirpath from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4'
import { refuse } from '../core/fhir/outcome.ts'
import { isCheap } from '../core/fhirpath/cost.ts'
import { TooLong, within } from '../time-limit.ts'

/** One element that a path selects: where its JSON stands, and what it is. */
export type Located = {
  /** The object that has it, as `name` or, in a list, as `name[index]`. The resource itself has none. */
  holder?: Record<string, unknown>
  name: string
  index?: number
  /** The holders above, from the resource down, for what becomes empty. */
  above: { holder: Record<string, unknown>; name: string; index?: number }[]
  /** Its type or, for a backbone element, its own path: where `findElement` looks for its children. */
  childrenOf: string
  /** Its name in FHIRPath, without the type of a choice, and where its parent's children are looked up. */
  element: string
  parent: string
}

const LENGTH_MAX = 1_000
/** A path that is parsed and evaluated in a few milliseconds selects whatever there is to select. */
const PATH_MILLISECONDS = 100
/** Functions that select. Others (`matches`, `repeat`, `descendants`) could be asked for much work in few words. */
const FUNCTIONS = new Set([
  ...['where', 'extension', 'ofType', 'as', 'is', 'first', 'last', 'tail', 'skip', 'take', 'single', 'exists', 'empty'],
  ...['not', 'startsWith', 'endsWith', 'contains', 'hasValue', 'lower', 'upper', 'toString'],
])

/** What the library knows of each element that it finds; its types do not tell. */
type Node = {
  parentResNode: Node | null
  path: string | null
  propName: string | null
  index: number | null
}

/**
 * The elements that a FHIRPath selects in `resource`, as places in its JSON.
 * @param at where the path stands in the patch, for the refusal
 * @throws Refusal `invalid` for what is no such path, `processing` for one that selects values that are no elements
 */
export function locate(resource: Record<string, unknown>, path: string, at: string): Located[] {
  return evaluate(resource, path, at).map((node) => {
    const chain: Node[] = []
    for (let one: Node | null = node; one?.propName != null; one = one.parentResNode) chain.unshift(one)
    if (!isNode(node)) throw refuse('processing', `${path} selects a value that is no element.`, at)
    return {
      ...follow(resource, chain),
      childrenOf: node.path ?? '',
      element: node.propName ?? '',
      parent: node.parentResNode?.path ?? '',
    }
  })
}

function evaluate(resource: Record<string, unknown>, path: string, at: string): Node[] {
  if (path.length > LENGTH_MAX) throw refuse('too-long', `The path is longer than ${LENGTH_MAX} characters.`, at)
  const outsideTexts = path.replace(/'(?:[^'\\]|\\.)*'/g, "''")
  for (const [, name = ''] of outsideTexts.matchAll(/([A-Za-z_]\w*)\s*\(/g)) {
    if (!FUNCTIONS.has(name)) throw refuse('invalid', `${name}() cannot be used to select what is patched.`, at)
  }
  try {
    // Not kept: such a path comes once, and the compiled expressions of invariants and pathways are to stay.
    const select = () =>
      fhirpath.compile(path, r4, { resolveInternalTypes: false, traceFn: () => {} })(resource) as Node[]
    return isCheap(path, { focus: resource }) ? select() : within(PATH_MILLISECONDS, select)
  } catch (thrown) {
    if (thrown instanceof TooLong) throw refuse('too-costly', `Selecting takes too long: ${thrown.message}`, at)
    const said = thrown instanceof Error ? thrown.message : String(thrown)
    throw refuse('invalid', `${path} cannot be evaluated: ${said.split('\n', 1)[0]?.slice(0, 200)}`, at)
  }
}

const isNode = (node: unknown): node is Node => typeof node === 'object' && node !== null && 'parentResNode' in node

function follow(
  resource: Record<string, unknown>,
  chain: Node[],
): Pick<Located, 'holder' | 'name' | 'index' | 'above'> {
  const places: Located['above'] = []
  let holder = resource
  for (const { propName, index } of chain) {
    const parent = places.at(-1)
    const value = parent ? valueAt(parent) : resource
    if (typeof value === 'object' && value !== null) holder = value as Record<string, unknown>
    // A primitive has its extensions and its id in an object beside it.
    else if (parent) holder = besideOf(parent)
    places.push({ holder, name: nameIn(holder, propName ?? ''), ...(index === null ? {} : { index }) })
  }
  const last = places.pop()
  return last ? { ...last, above: places } : { name: '', above: [] }
}

export function valueAt({ holder, name, index }: Located['above'][number]): unknown {
  const value = holder[name]
  return index === undefined ? value : (value as unknown[])[index]
}

function besideOf(place: Located['above'][number]): Record<string, unknown> {
  place.name = `_${place.name}`
  return valueAt(place) as Record<string, unknown>
}

/** `deceased` stands in JSON as `deceasedBoolean`; a primitive without a value only as `_birthDate`. */
function nameIn(holder: Record<string, unknown>, name: string): string {
  if (name in holder || `_${name}` in holder) return name
  const chosen = Object.keys(holder).find((key) => key.replace(/^_/, '').match(new RegExp(`^${name}[A-Z]`)))
  return chosen?.replace(/^_/, '') ?? name
}
