import type { Definitions } from '../../definitions/definitions.ts'
import type { Walk } from '../walk.ts'
import type { BaseElements } from './base-elements.ts'
import type { Item } from './item.ts'
import type { FindProfile, ProfileTree } from './profile-tree.ts'

/** What the parts of a profile need to know of what is outside it. Profiles may refer to each other, so they are asked for late. */
export type ProfileRooms = {
  definitions: Definitions
  base: BaseElements
  findProfile: FindProfile
  findTree(canonical: string): ProfileTree | undefined
  /** All `system|code` of a value set; undefined when it cannot be listed here. */
  codes(valueSet: string): ReadonlySet<string> | undefined
  /** Whether R4 itself has this invariant, so that it need not be checked again. */
  isOfR4(key: string, expression: string): boolean
  /** Checks an item by a profile, once for each walk. @returns false when the profile is not known */
  check(canonical: string, item: Item, walk: Walk): boolean
  /** Whether an item conforms to a profile, or is of the type that the canonical names; undefined when that is not known. */
  conforms(canonical: string, item: Item, walk: Walk): boolean | undefined
}

const STRUCTURE_BASE = 'http://hl7.org/fhir/StructureDefinition/'

/** The type that a canonical of R4 itself stands for; undefined for profiles. */
export function baseTypeOf(canonical: string, { definitions }: Pick<ProfileRooms, 'definitions'>): string | undefined {
  const url = canonical.split('|', 1)[0] ?? ''
  if (!url.startsWith(STRUCTURE_BASE)) return undefined
  const structure = definitions.structure(url)
  return structure && structure.derivation !== 'constraint' ? structure.type : undefined
}

/** Whether a type is another one or is made from it: every resource type is a Resource, Age is a Quantity. */
export function isOfType(type: string, wanted: string, { definitions }: Pick<ProfileRooms, 'definitions'>): boolean {
  for (let one: string | undefined = type; one !== undefined; ) {
    if (one === wanted) return true
    const parent: string | undefined = definitions.structure(one)?.baseDefinition
    one = parent?.slice(parent.lastIndexOf('/') + 1)
  }
  return false
}
