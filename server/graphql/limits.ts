import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'
import { refuse } from '../core/fhir/outcome.ts'

/** Words and signs in a query; the longest that tools send, to learn the schema, has about 300. */
export const TOKEN_COUNT_MAX = 2_000
/** How deep selections may stand in each other. R4's elements go 8 deep, and each reference or search back leads into another resource. */
export const DEPTH_MAX = 20
/** Fields with every fragment written out, since fragments in fragments double. */
const FIELD_COUNT_MAX = 5_000
/** Resources that one query may bring together; each search is limited by itself as well. */
export const RESOURCE_COUNT_MAX = 2_000

type Size = { depth: number; fieldCount: number }

/**
 * Refuses a query that is too large to be checked or answered in reasonable time.
 * @throws Refusal too-costly
 */
export function checkSize({ definitions }: DocumentNode): void {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const one of definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one)
  const sizes = new Map<string, Size>()
  for (const one of definitions) {
    if (one.kind !== Kind.OPERATION_DEFINITION) continue
    const { depth, fieldCount } = sizeOf(one.selectionSet, fragments, sizes)
    if (depth > DEPTH_MAX) throw tooCostly(`The query is nested ${depth} deep; at most ${DEPTH_MAX} is answered.`)
    if (fieldCount > FIELD_COUNT_MAX)
      throw tooCostly(`With its fragments the query has ${fieldCount} fields; at most ${FIELD_COUNT_MAX} are answered.`)
  }
}

function sizeOf(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  sizes: Map<string, Size>,
): Size {
  const size = { depth: 0, fieldCount: 0 }
  for (const selection of selections) {
    const isField = selection.kind === Kind.FIELD
    const inner =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? ofFragment(selection.name.value, fragments, sizes)
        : selection.selectionSet
          ? sizeOf(selection.selectionSet, fragments, sizes)
          : NOTHING
    size.depth = Math.max(size.depth, inner.depth + (isField ? 1 : 0))
    size.fieldCount += inner.fieldCount + (isField ? 1 : 0)
  }
  return size
}

const NOTHING: Size = { depth: 0, fieldCount: 0 }

/** Each fragment once. One that leads back to itself is refused later, with its name. */
function ofFragment(
  name: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  sizes: Map<string, Size>,
): Size {
  const known = sizes.get(name)
  if (known) return known
  sizes.set(name, NOTHING)
  const fragment = fragments.get(name)
  const size = fragment ? sizeOf(fragment.selectionSet, fragments, sizes) : NOTHING
  sizes.set(name, size)
  return size
}

export const tooCostly = (diagnostics: string) => refuse('too-costly', diagnostics, 'query')
