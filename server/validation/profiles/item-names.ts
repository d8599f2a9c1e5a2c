import { jsonName } from './base-elements.ts'
import type { ItemNames } from './item.ts'
import { type ElementNode, onlyType } from './profile-tree.ts'

/** How the values of a node are found in JSON, by what R4 says of the element. */
export function namesOf(node: ElementNode): ItemNames {
  const { name, base } = node
  if (!name.endsWith('[x]')) return { stem: name, ...typeOf(node) }
  const stem = name.slice(0, -3)
  const codes = base?.element.type?.flatMap(({ code }) => code ?? []) ?? []
  return { stem, choice: new Map(codes.map((code) => [jsonName(stem, code), code])) }
}

function typeOf({ base }: ElementNode): { type?: string } {
  const type = base && onlyType({ definition: { path: '' }, base } as ElementNode)
  return type === undefined ? {} : { type }
}
