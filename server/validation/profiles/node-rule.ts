import type { Walk } from '../walk.ts'
import { at, fieldsOf, type Item, type ItemNames, itemsOf } from './item.ts'
import { placeProblem, placesOf, type SlicingRule } from './slicing.ts'

/** Checks one value of an element beyond what R4 asks; the walk stands at it. */
export type ItemCheck = (item: Item, walk: Walk) => void

/** What a profile asks of one element. Compiled once from the tree, see `compile-node.ts`. */
export type NodeRule = {
  /** `component`, or `value` for `value[x]`. */
  name: string
  /** For messages: `Observation.component:systolic`. */
  label: string
  /** Canonical of the profile, for messages. */
  profile: string
  names: ItemNames
  min: number
  max: number
  checks: ItemCheck[]
  children: NodeRule[]
  slicing?: SlicingRule
}

/** Checks one value: what the profile says of it as a whole, then of each of its elements. */
export function checkItem(rule: NodeRule, item: Item, walk: Walk): void {
  for (const check of rule.checks) check(item, walk)
  if (rule.children.length === 0) return
  const fields = fieldsOf(item)
  if (!fields) {
    for (const child of rule.children) if (child.min > 0) reportCount(child, 0, walk)
    return
  }
  walk.inResource(fields, () => {
    for (const child of rule.children) {
      if (walk.isFull) return
      const items = itemsOf(child.names, fields)
      if (items.length < child.min || items.length > child.max) reportCount(child, items.length, walk)
      for (const one of items) at(one, walk, () => checkItem(child, one, walk))
      if (child.slicing) checkSlices(child, child.slicing, items, walk)
    }
  })
}

/** Puts each value into its slice, counts them, and checks each by what its slice asks. */
function checkSlices(element: NodeRule, slicing: SlicingRule, items: Item[], walk: Walk): void {
  const places = placesOf(items, slicing, walk)
  items.forEach((item, i) => {
    const problem = placeProblem(places.slice(0, i + 1), slicing)
    if (problem !== undefined)
      at(item, walk, () => walk.report('structure', `${problem} (${element.label}, ${element.profile}).`))
  })
  slicing.slices.forEach(({ rule }, index) => {
    const own = items.filter((_, i) => places[i] === index)
    if (own.length < rule.min || own.length > rule.max) reportCount(rule, own.length, walk)
    for (const item of own) at(item, walk, () => checkItem(rule, item, walk))
    if (rule.slicing) checkSlices(rule, rule.slicing, own, walk)
  })
}

/** How often an element or a slice must occur, told at the element that holds it. */
function reportCount({ name, label, profile, min, max }: NodeRule, count: number, walk: Walk): void {
  if (count < min) walk.report('required', `${label} must be there ${times(min)}, not ${count} (${profile}).`, name)
  else if (max === 0) walk.report('structure', `${label} is not allowed (${profile}).`, name)
  else walk.report('structure', `${label} may be there ${times(max)} at most, not ${count} (${profile}).`, name)
}

const times = (count: number) => (count === 1 ? 'once' : `${count} times`)
