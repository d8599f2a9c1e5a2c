import { bindingHolds } from '../binding.ts'
import { fieldsOf, type Item, itemsOf } from './item.ts'
import { namesOf } from './item-names.ts'
import { equalsFixed, matchesPattern } from './pattern.ts'
import type { ProfileRooms } from './profile-rooms.ts'
import type { ElementNode } from './profile-tree.ts'
import type { Matches } from './slicing.ts'

/**
 * Whether a value has what tells it apart: the fixed values, patterns and required codes of the node and of all below it.
 * @returns undefined when there are none
 */
export function compileMatch(node: ElementNode, rooms: ProfileRooms): Matches | undefined {
  const own = matchOf(node, rooms)
  const below = [...node.children.values()].flatMap((child) => childMatch(child, rooms) ?? [])
  const all = own ? [own, ...below] : below
  return all.length === 0 ? undefined : (item, walk) => all.every((matches) => matches(item, walk))
}

function matchOf({ definition, base }: ElementNode, rooms: ProfileRooms): Matches | undefined {
  const { fixed, pattern, binding } = definition
  if (fixed !== undefined) return ({ value }) => equalsFixed(value, fixed)
  if (pattern !== undefined) return ({ value }) => matchesPattern(value, pattern)
  const isOwn = binding?.valueSet !== base?.element.binding?.valueSet
  const codes = isOwn && binding?.strength === 'required' && binding.valueSet && rooms.codes(binding.valueSet)
  return codes ? ({ value }) => bindingHolds(value, codes) : undefined
}

function childMatch(child: ElementNode, rooms: ProfileRooms): Matches | undefined {
  const alternatives = [child, ...[...child.slices.values()].filter(({ definition }) => (definition.min ?? 0) > 0)]
  const matches = alternatives.flatMap((node) => compileMatch(node, rooms) ?? [])
  if (matches.length === 0) return undefined
  const names = namesOf(child)
  return (item: Item, walk) => {
    const fields = fieldsOf(item)
    const items = fields ? itemsOf(names, fields) : []
    return matches.every((one) => items.some((childItem) => one(childItem, walk)))
  }
}
