import type { Profile, ProfileElement } from '../../definitions/cut-profile.ts'
import { type BaseElement, type BaseElements, jsonName } from './base-elements.ts'

/**
 * One element that a profile says something about, with all that it and the profiles it is made from say. The tree holds
 * nothing that R4 says by itself: every resource is checked against that already.
 */
export type ElementNode = {
  /** Name of the element; `value[x]` for a choice. */
  name: string
  /** For messages: `Observation.component:systolic.value[x]`. */
  label: string
  /** Where R4 defines it; undefined when R4 has no such element. */
  base: BaseElement | undefined
  definition: ProfileElement
  children: Map<string, ElementNode>
  slices: Map<string, ElementNode>
  /** The one profile of its type has been laid into this node, because the profile says more about what is below. */
  isUnfolded?: true
}

export type ProfileTree = {
  url: string
  type: string
  root: ElementNode
  /** What is wrong with the profile itself, so that part of it cannot be checked. */
  problems: string[]
}

/** @returns a profile by canonical; undefined for a type of R4 itself, and for what nobody knows */
export type FindProfile = (canonical: string) => Profile | undefined

/**
 * The constraints of a profile and of all profiles that it is made from, as one tree. Differentials are laid over each
 * other from the oldest ancestor on, which is what a snapshot is, without the elements that nobody constrains. A profile
 * whose ancestors are not all known is taken by its snapshot.
 * @see https://hl7.org/fhir/R4/profiling.html#snapshot
 */
export function toProfileTree(profile: Profile, find: FindProfile, base: BaseElements): ProfileTree {
  const problems: string[] = []
  const root: ElementNode = newNode(profile.type, profile.type, base.root(profile.type))
  const tree = { url: profile.url ?? '', type: profile.type, root, problems }
  layOver(root, profile, { find, base, problems, underWay: [profile.url ?? ''] })
  return tree
}

/** What laying over needs; `underWay` are the profiles that are being laid, one in the other. */
type Laying = { find: FindProfile; base: BaseElements; problems: string[]; underWay: string[] }

function layOver(root: ElementNode, profile: Profile, laying: Laying): void {
  const lineage = lineageOf(profile, laying)
  if (lineage) for (const ancestor of lineage) applyElements(root, ancestor.differential, laying)
  else if (profile.snapshot.length > 0) applyElements(root, profile.snapshot, laying)
  else {
    laying.problems.push(
      `${profile.url} is made from ${profile.baseDefinition}, which is not known here, and has no snapshot`,
    )
    applyElements(root, profile.differential, laying)
  }
}

/** Oldest first; undefined when one is missing, has no differential, or when a profile is made from itself. */
function lineageOf(profile: Profile, { find, base }: Laying): Profile[] | undefined {
  const lineage: Profile[] = []
  for (let one = profile; ; ) {
    if (lineage.includes(one) || one.differential.length === 0) return undefined
    lineage.unshift(one)
    const parent = one.baseDefinition ?? ''
    const next = find(parent)
    if (!next) return isBaseOf(parent, profile.type, base) ? lineage : undefined
    one = next
  }
}

/** Whether a canonical is the type itself, or what the type is made from. */
function isBaseOf(canonical: string, type: string, base: BaseElements): boolean {
  const name = canonical.slice(canonical.lastIndexOf('/') + 1).split('|', 1)[0] ?? ''
  return canonical.startsWith('http://hl7.org/fhir/StructureDefinition/') && (name === type || isAbstract(name, base))
}

const isAbstract = (type: string, base: BaseElements) => base.root(type)?.structure.abstract === true

type Place = { path: string; node: ElementNode }

/** Lays a list of elements, each with its path and the name of its slice, over what is in the tree. */
function applyElements(root: ElementNode, elements: ProfileElement[], laying: Laying): void {
  let places: Place[] = [{ path: elements[0]?.path.split('.', 1)[0] ?? '', node: root }]
  for (const element of elements) {
    const names = element.path.split('.')
    const slices = slicesInId(element, names.length)
    places = placesAbove(places, names, slices)
    while (places.length < names.length) {
      const depth = places.length
      const path = names.slice(0, depth + 1).join('.')
      const isLast = depth === names.length - 1
      const above = places.at(-1)?.node ?? root
      const node = childOf(above, names[depth] ?? '', laying)
      if (!node.base && isLast) laying.problems.push(`${element.path} is no element of ${root.name}`)
      const slice = isLast ? (element.sliceName ?? slices[depth]) : slices[depth]
      places.push({ path, node: slice === undefined ? node : sliceOf(node, slice) })
    }
    merge((places.at(-1) as Place).node, element)
  }
}

/** The open places that the element lies below. One that is named again as a whole is opened anew. */
function placesAbove(places: Place[], names: string[], slices: (string | undefined)[]): Place[] {
  if (names.length === 1) return places.slice(0, 1)
  const isAbove = (place: Place | undefined, depth: number) =>
    place !== undefined &&
    depth < names.length - 1 &&
    place.path === names.slice(0, depth + 1).join('.') &&
    (slices[depth] === undefined || place.node.definition.sliceName === slices[depth])
  let depth = 1
  while (isAbove(places[depth], depth)) depth++
  return places.slice(0, depth)
}

/** `Patient.identifier:fnr.system` names the slices on the way; an id that does not fit its path names none. */
function slicesInId({ id }: ProfileElement, count: number): (string | undefined)[] {
  const parts = id?.split('.') ?? []
  return parts.length === count ? parts.map((part) => part.split(':')[1]) : []
}

function childOf(parent: ElementNode, name: string, laying: Laying): ElementNode {
  const { base } = laying
  unfold(parent, laying)
  const known = parent.children.get(name)
  if (known) return known
  const type = onlyType(parent)
  const found = parent.base && base.child(parent.base, name, type)
  const choice = found || !parent.base ? undefined : base.choiceOf(parent.base, name)
  if (choice) return sliceOfType(childOf(parent, choice.name, laying), name, choice.type)
  const child = newNode(name, `${parent.label}.${name}`, found)
  parent.children.set(name, child)
  return child
}

/**
 * A profile may say more about what is below an element whose type it has given a profile: of `Organization.address`, which is
 * a German address, the `line.extension:Strasse`. What that slice is stands in the profile of the address.
 */
function unfold(node: ElementNode, laying: Laying): void {
  const [type, ...others] = node.definition.type ?? []
  const [canonical, ...otherProfiles] = type?.profile ?? []
  if (node.isUnfolded || !canonical || canonical.includes('#') || others.length > 0 || otherProfiles.length > 0) return
  if (laying.underWay.includes(canonical)) return
  const profile = laying.find(canonical)
  if (!profile) return
  node.isUnfolded = true
  layOver(node, profile, { ...laying, underWay: [...laying.underWay, canonical] })
}

/** `Observation.valueQuantity` is short for the slice of `value[x]` that has this type. */
function sliceOfType(choice: ElementNode, name: string, type: string): ElementNode {
  const slice = sliceOf(choice, name)
  slice.definition.type ??= [{ code: type }]
  return slice
}

/** A slice of a slice has both names: `systolic/sitting`. */
function sliceOf(node: ElementNode, sliceName: string): ElementNode {
  return sliceName.split('/').reduce((parent, name) => {
    const known = parent.slices.get(name)
    if (known) return known
    const slice = newNode(parent.name, `${parent.label}${parent === node ? ':' : '/'}${name}`, parent.base)
    slice.definition.sliceName = sliceName
    const { type } = parent.definition
    slice.definition.type = parent.name.endsWith('[x]') ? typeOfSlice(slice, name) : type
    parent.slices.set(name, slice)
    return slice
  }, node)
}

/** A slice of a choice is told by its type, which by convention is its name: `valueQuantity`. */
function typeOfSlice({ name, base }: ElementNode, sliceName: string): ProfileElement['type'] {
  const stem = name.slice(0, -3)
  const type = base?.element.type?.find(({ code }) => jsonName(stem, code ?? '') === sliceName)
  return type && [{ code: type.code }]
}

/** The node of one element by its id: `Composition.section:codeA`. */
export function nodeWithId({ root }: ProfileTree, id: string): ElementNode | undefined {
  return id
    .split('.')
    .slice(1)
    .reduce<ElementNode | undefined>((node, part) => {
      const [name = '', slice] = part.split(':')
      const child = node?.children.get(name)
      return slice === undefined ? child : child?.slices.get(slice)
    }, root)
}

/** What a later profile says of an element stands instead of what an earlier one said; invariants add up. */
function merge(node: ElementNode, element: ProfileElement): void {
  const { constraint = [] } = node.definition
  const keys = new Set(constraint.map(({ key }) => key))
  const added = element.constraint?.filter(({ key }) => !keys.has(key)) ?? []
  const sliceName = node.definition.sliceName
  const type = element.type?.length ? element.type : node.definition.type
  Object.assign(node.definition, element, { constraint: [...constraint, ...added] })
  if (type) node.definition.type = type
  else delete node.definition.type
  if (sliceName !== undefined) node.definition.sliceName = sliceName
}

/** The type that an element has here, when it can only be one; undefined where R4 says it. */
export function onlyType({ definition, base }: ElementNode): string | undefined {
  const types = definition.type ?? base?.element.type
  const code = types?.length === 1 ? types[0]?.code : undefined
  return code === undefined || code.includes('/') || code === 'BackboneElement' || code === 'Element' ? undefined : code
}

function newNode(name: string, label: string, base: BaseElement | undefined): ElementNode {
  return { name, label, base, definition: { path: label }, children: new Map(), slices: new Map() }
}
