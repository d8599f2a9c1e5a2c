import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes'
import type { Definitions } from '../definitions/definitions.ts'
import type { Step } from './path-expression.ts'

/** One way down from a resource to values of one type: what a path is when its choices (`value[x]`) are spelled out. */
export type Leaf = {
  hops: Hop[]
  /** FHIR type of the values, such as `CodeableConcept`. */
  type: string
  /** At most one value in a resource. */
  single: boolean
  /** At least one value in every valid resource. */
  always: boolean
  /** What a Reference may lead to, where the definitions say so. */
  targets: string[]
  /** All `system|code` of a required binding, where it can be listed. */
  codes: ReadonlySet<string> | undefined
}

/** `where` is what `accepts` looks for, as data, for those who read the content in SQL. */
export type Hop = { property: string; accepts?: (value: unknown) => boolean; where?: Where; index?: number }
export type Where = { path: string[]; equals: string | boolean }

/**
 * Spells a path out by the type's definition.
 * @returns undefined when the definition does not have such a path, or when it needs more than property walks
 */
export function resolvePath(definitions: Definitions, root: string, steps: Step[]): Leaf[] | undefined {
  const structure = definitions.structure(root)
  if (!structure) return undefined
  const start: Position = { structure, path: structure.type, leaf: { ...START, type: root } }
  let positions = [start]
  for (const step of steps) {
    const next = positions.flatMap((position) => take(definitions, position, step) ?? [])
    if (next.length === 0) return undefined
    positions = next
  }
  return positions.map(({ leaf }) => leaf)
}

/** Calls `visit` with every value at the end of the hops. */
export function walk(node: unknown, hops: readonly Hop[], visit: (value: unknown) => void, at = 0): void {
  const hop = hops[at]
  if (hop === undefined) {
    visit(node)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const value = (node as Record<string, unknown>)[hop.property]
  if (value === undefined) return
  if (!Array.isArray(value)) {
    if (hop.accepts === undefined || hop.accepts(value)) walk(value, hops, visit, at + 1)
    return
  }
  const items = hop.index === undefined ? value : value.slice(hop.index, hop.index + 1)
  for (const item of items) if (hop.accepts === undefined || hop.accepts(item)) walk(item, hops, visit, at + 1)
}

/** A place in a definition: an element of a structure, or the root of one. */
type Position = { structure: StructureDefinition; path: string; leaf: Leaf }

const START: Omit<Leaf, 'type'> = { hops: [], single: true, always: true, targets: [], codes: undefined }

function take(definitions: Definitions, position: Position, step: Step): Position[] | undefined {
  switch (step.kind) {
    case 'child':
      return children(definitions, position, step.name)
    case 'ofType':
      return position.leaf.type === step.type ? [{ ...position, leaf: { ...position.leaf, always: false } }] : []
    case 'where':
      return refined(position, { accepts: equalsAt(step.path, step.equals), where: step })
    case 'index':
      return refined(position, { index: step.index })
  }
}

/** Narrows the last hop. */
function refined(position: Position, narrower: Partial<Hop>): Position[] | undefined {
  const { leaf } = position
  const last = leaf.hops.at(-1)
  if (!last) return undefined
  return [
    { ...position, leaf: { ...leaf, always: false, hops: [...leaf.hops.slice(0, -1), { ...last, ...narrower }] } },
  ]
}

function equalsAt(path: string[], expected: string | boolean): (value: unknown) => boolean {
  const hops = path.map((property) => ({ property }))
  return (value) => {
    let found = false
    walk(value, hops, (end) => {
      found ||= end === expected
    })
    return found
  }
}

function children(definitions: Definitions, position: Position, name: string): Position[] {
  const place = contentOf(definitions, position)
  if (!place) return []
  const { structure, path } = place
  const elements = structure.snapshot?.element ?? []
  const plain = elements.find((element) => element.path === `${path}.${name}`)
  if (plain) {
    const reference = plain.contentReference?.split('#')[1]
    return [step(definitions, position, structure, plain, name, reference ?? plain.path, plain.type?.[0])]
  }
  const choice = elements.find((element) => element.path === `${path}.${name}[x]`)
  return (choice?.type ?? []).map((type) => {
    const property = name + (type.code ?? '').charAt(0).toUpperCase() + (type.code ?? '').slice(1)
    const next = step(
      definitions,
      position,
      structure,
      choice as ElementDefinition,
      property,
      `${path}.${property}`,
      type,
    )
    return { ...next, leaf: { ...next.leaf, always: false } }
  })
}

/** Where the elements below a position are described: in its own structure, or in that of its type. */
function contentOf(definitions: Definitions, { structure, path, leaf }: Position): Omit<Position, 'leaf'> | undefined {
  const described = structure.snapshot?.element?.some((element) => element.path?.startsWith(`${path}.`))
  if (described) return { structure, path }
  const type = definitions.structure(leaf.type)
  return type && { structure: type, path: type.type }
}

function step(
  definitions: Definitions,
  { leaf }: Position,
  structure: StructureDefinition,
  element: ElementDefinition,
  property: string,
  path: string,
  type: NonNullable<ElementDefinition['type']>[number] | undefined,
): Position {
  const { binding } = element
  return {
    structure,
    path,
    leaf: {
      hops: [...leaf.hops, { property }],
      type: type?.code ?? 'BackboneElement',
      single: leaf.single && element.max === '1',
      always: leaf.always && (element.min ?? 0) > 0,
      targets: (type?.targetProfile ?? []).map((profile) => profile.slice(profile.lastIndexOf('/') + 1)),
      codes: binding?.strength === 'required' && binding.valueSet ? definitions.codes(binding.valueSet) : undefined,
    },
  }
}
