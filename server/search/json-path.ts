import type { Hop, Leaf } from './path-walk.ts'

/**
 * A leaf as PostgreSQL's jsonpath, for what is not indexed and is read from the content.
 * @param within what follows below the value, such as `.coding[*].code`
 */
export function jsonPath({ hops }: Leaf, within: string): string {
  return `$${hops.map(stepOf).join('')}${within}`
}

function stepOf({ property, index, where }: Hop): string {
  const step = `."${property}"[${index ?? '*'}]`
  if (!where) return step
  const condition = `@${where.path.map((name) => `."${name}"`).join('[*]')} == ${JSON.stringify(where.equals)}`
  return `${step} ? (${condition})`
}
