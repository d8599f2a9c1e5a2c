import type { ProfileElement } from '../../definitions/cut-profile.ts'
import { resolveReference } from '../reference.ts'
import type { Fields, Walk } from '../walk.ts'
import { compileMatch } from './compile-match.ts'
import { fieldsOf, type Item, itemsAt } from './item.ts'
import { isOfType, type ProfileRooms } from './profile-rooms.ts'
import { type ElementNode, onlyType } from './profile-tree.ts'
import type { Matches } from './slicing.ts'

type Discriminator = NonNullable<NonNullable<ProfileElement['slicing']>['discriminator']>[number]

/** One step of the restricted FHIRPath of a discriminator. https://hl7.org/fhir/R4/profiling.html#discriminator */
type Step =
  | { kind: 'child'; name: string }
  | { kind: 'extension'; url: string }
  | { kind: 'ofType'; type: string }
  | { kind: 'resolve' }

/** @returns undefined for what is not in the restricted FHIRPath */
export function parseDiscriminatorPath(path: string): Step[] | undefined {
  const steps: Step[] = []
  const token =
    /\s*\.?\s*(?:(\$this)|extension\(\s*['"]([^'"]+)['"]\s*\)|ofType\(\s*(\w+)\s*\)|(resolve)\(\s*\)|(\w+))/y
  while (token.lastIndex < path.length) {
    const [matched, self, url, type, resolve, name] = token.exec(path) ?? []
    if (!matched) return undefined
    if (url !== undefined) steps.push({ kind: 'extension', url })
    else if (type !== undefined) steps.push({ kind: 'ofType', type })
    else if (resolve !== undefined) steps.push({ kind: 'resolve' })
    else if (name !== undefined) steps.push({ kind: 'child', name })
    else if (self === undefined) return undefined
  }
  return steps
}

/**
 * Whether an item is of the slice, as far as one discriminator can tell.
 * @returns undefined when the slice says nothing at the discriminator's path
 */
export function compileDiscriminator(
  { type, path = '$this' }: Discriminator,
  slice: ElementNode,
  rooms: ProfileRooms,
): Matches | undefined {
  const steps = parseDiscriminatorPath(path)
  if (!steps) return undefined
  const node = nodeAt(slice, steps, rooms)
  const select = (item: Item, walk: Walk) => selectItems([item], steps, walk, rooms)
  switch (type) {
    case 'exists': {
      if (!node) return undefined
      const isWanted = node.definition.max !== '0' && (node.definition.min ?? 0) > 0
      return (item, walk) => select(item, walk).length > 0 === isWanted
    }
    case 'type': {
      const types = node ? typesOf(node, steps, rooms) : []
      if (types.length === 0) return undefined
      return (item, walk) => select(item, walk).some((one) => types.some((wanted) => isOfType(one.type, wanted, rooms)))
    }
    case 'profile': {
      const profiles = node ? profilesOf(node, steps) : []
      if (profiles.length === 0) return undefined
      return (item, walk) =>
        select(item, walk).some((one) => profiles.some((profile) => rooms.conforms(profile, one, walk) === true))
    }
    default: {
      const matches = node && compileMatch(node, rooms)
      if (matches) return (item, walk) => select(item, walk).some((one) => matches(one, walk))
      if (!node) return undefined
      // What may be anything, but must be or must not be there, tells the slices apart by that.
      if (node.definition.max === '0') return (item, walk) => select(item, walk).length === 0
      return (node.definition.min ?? 0) > 0 ? (item, walk) => select(item, walk).length > 0 : undefined
    }
  }
}

/** Where the slice says what is at the path, in itself or in a profile that it names. */
function nodeAt(slice: ElementNode, steps: Step[], rooms: ProfileRooms): ElementNode | undefined {
  let node: ElementNode | undefined = slice
  for (const [i, step] of steps.entries()) {
    if (!node) return undefined
    if (step.kind === 'resolve') {
      // The last step: the reference itself says what it points to.
      if (i === steps.length - 1) return node
      node = rooms.findTree(node.definition.type?.flatMap(({ targetProfile }) => targetProfile ?? [])[0] ?? '')?.root
    } else if (step.kind === 'ofType') {
      const { type } = step
      node = [...node.slices.values()].find((one) => onlyType(one) === type) ?? node
    } else {
      node = step.kind === 'child' ? childIn(node, step.name, rooms) : extensionIn(node, step.url, rooms)
    }
  }
  return node
}

function childIn(node: ElementNode, name: string, rooms: ProfileRooms): ElementNode | undefined {
  const own = node.children.get(name) ?? node.children.get(`${name}[x]`)
  if (own) return own
  for (const { profile } of node.definition.type ?? [])
    for (const canonical of profile ?? []) {
      const { root } = rooms.findTree(canonical) ?? {}
      const found = root?.children.get(name) ?? root?.children.get(`${name}[x]`)
      if (found) return found
    }
  return undefined
}

function extensionIn(node: ElementNode, url: string, rooms: ProfileRooms): ElementNode | undefined {
  const slices = [...(node.children.get('extension')?.slices.values() ?? [])]
  return slices.find(
    (slice) =>
      slice.definition.type?.some(({ profile }) => profile?.includes(url)) ||
      childIn(slice, 'url', rooms)?.definition.fixed === url,
  )
}

const isResolved = (steps: Step[]) => steps.at(-1)?.kind === 'resolve'

function typesOf({ definition, base, slices }: ElementNode, steps: Step[], rooms: ProfileRooms): string[] {
  const ofSlices = [...slices.values()].flatMap((slice) => slice.definition.type ?? [])
  const types = definition.type ?? (ofSlices.length > 0 ? ofSlices : base?.element.type) ?? []
  if (!isResolved(steps)) return types.flatMap(({ code }) => code ?? [])
  return types
    .flatMap(({ targetProfile }) => targetProfile ?? [])
    .flatMap((url) => rooms.findTree(url)?.type ?? rooms.definitions.structure(url)?.type ?? [])
}

function profilesOf({ definition }: ElementNode, steps: Step[]): string[] {
  return (definition.type ?? []).flatMap(({ profile, targetProfile }) =>
    isResolved(steps) ? (targetProfile ?? []) : (profile ?? []),
  )
}

/** The values at the path. */
function selectItems(items: Item[], steps: Step[], walk: Walk, rooms: ProfileRooms): Item[] {
  return steps.reduce((current, step) => current.flatMap((item) => selectStep(item, step, walk, rooms)), items)
}

function selectStep(item: Item, step: Step, walk: Walk, rooms: ProfileRooms): Item[] {
  const fields = fieldsOf(item)
  switch (step.kind) {
    case 'ofType':
      return isOfType(item.type, step.type, rooms) ? [item] : []
    case 'resolve': {
      const target = resolveReference(fields?.reference, walk)
      if (target) return [{ value: target, type: String(target.resourceType), segments: item.segments }]
      return visibleTarget(fields, item)
    }
    case 'extension':
      return fields ? itemsAt('extension', fields).filter(hasUrl(step.url)) : []
    case 'child':
      return fields ? itemsAt(step.name, fields) : []
  }
}

const hasUrl = (url: string) => (item: Item) => fieldsOf(item)?.url === url

/** What is elsewhere still shows its type in the reference. */
function visibleTarget(fields: Fields | undefined, { segments }: Item): Item[] {
  const type = /([A-Z]\w+)\/[^/]+$/.exec(String(fields?.reference ?? ''))?.[1] ?? fields?.type
  return typeof type === 'string' ? [{ value: {}, type, segments }] : []
}
