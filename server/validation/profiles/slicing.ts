import type { Walk } from '../walk.ts'
import type { Item } from './item.ts'
import type { NodeRule } from './node-rule.ts'

/** Whether an item is of a slice, by one of the discriminators or by all. Reports nothing. */
export type Matches = (item: Item, walk: Walk) => boolean

/** How the values of an element fall into slices. https://hl7.org/fhir/R4/profiling.html#slicing */
export type SlicingRule = {
  rules: 'closed' | 'open' | 'openAtEnd'
  ordered: boolean
  slices: Slice[]
}

export type Slice = { name: string; matches: Matches; rule: NodeRule }

/** The index of each item's slice, or -1. The first that fits counts: slices of one element exclude each other. */
export function placesOf(items: Item[], { slices }: SlicingRule, walk: Walk): number[] {
  return items.map((item) => slices.findIndex(({ matches }) => matches(item, walk)))
}

/**
 * What is wrong with an item for the place it has, whatever it holds.
 * @param places of the items up to and including the one in question
 */
export function placeProblem(places: number[], { rules, ordered, slices }: SlicingRule): string | undefined {
  const names = slices.map(({ name }) => name).join(', ')
  const before = places.slice(0, -1)
  const place = places.at(-1) ?? -1
  if (place < 0) return rules === 'closed' ? `Is in none of the slices ${names}, and others are not allowed` : undefined
  if (rules === 'openAtEnd' && before.includes(-1)) return 'Slices must stand before what is in none of them'
  if (ordered && before.some((other) => other > place)) return `Slices must stand in the order ${names}`
  return undefined
}
