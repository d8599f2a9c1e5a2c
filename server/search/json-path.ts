import type { Leaf } from './path-walk.ts'

/**
 * A leaf as PostgreSQL's jsonpath, for what is not indexed and is read from the content.
 * @param within what follows below the value, such as `.coding[*].code`
 * @returns undefined for a leaf that filters on its way
 */
export function jsonPath({ hops }: Leaf, within: string): string | undefined {
  if (hops.some(({ accepts }) => accepts)) return undefined
  const steps = hops.map(({ property, index }) => `."${property}"[${index ?? '*'}]`)
  return `$${steps.join('')}${within}`
}
