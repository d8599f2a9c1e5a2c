import type { Resource } from '../core/fhir/resource.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { type Child, childrenOf } from '../definitions/element-tree.ts'

type Fields = Record<string, unknown>

/** What a link becomes; undefined leaves it as it is. */
export type FindTarget = (link: string) => string | undefined

const LINKING_TYPES = new Set(['uri', 'url', 'oid', 'uuid'])
const NARRATIVE_LINK = /(\b(?:href|src)\s*=\s*["'])([^"'#]+)(["'#])/g

/**
 * Asks for every link of the resource what it becomes, and puts that in its place. Links are what R4 says they are:
 * Reference.reference, elements of type uri, url, oid and uuid, and the narrative's href and src; texts, codes, identifiers'
 * values and canonicals are none. Changes the resource itself.
 * @see https://hl7.org/fhir/R4/http.html#trules
 */
export function relink(definitions: Definitions, resource: Resource, find: FindTarget): void {
  relinkFields(definitions, resource, resource.resourceType, find)
}

function relinkFields(definitions: Definitions, fields: Fields, key: string, find: FindTarget): void {
  const children = childrenOf(definitions, key)
  for (const [name, value] of Object.entries(fields)) {
    const child = children.get(name)
    if (!child) {
      // The extensions of a primitive stand in an object beside it.
      if (name.startsWith('_')) for (const one of listOf(value)) relinkObject(definitions, one, 'Element', find)
      continue
    }
    if (child.isPrimitive) {
      const replaced = Array.isArray(value)
        ? value.map((one) => relinkPrimitive(child, key, one, find))
        : relinkPrimitive(child, key, value, find)
      if (!Array.isArray(value) || value.some((one, i) => one !== (replaced as unknown[])[i])) fields[name] = replaced
      continue
    }
    for (const one of listOf(value)) relinkObject(definitions, one, child.below, find)
  }
}

/** @param key where the elements are looked up; a contained resource says so itself */
function relinkObject(definitions: Definitions, value: unknown, key: string | undefined, find: FindTarget): void {
  if (typeof value !== 'object' || value === null) return
  const fields = value as Fields
  relinkFields(definitions, fields, key ?? String(fields.resourceType), find)
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])

function relinkPrimitive({ type, name }: Child, key: string, value: unknown, find: FindTarget): unknown {
  if (typeof value !== 'string') return value
  if (type === 'xhtml') {
    return value.replace(NARRATIVE_LINK, (all, before, link, after) => {
      const target = find(link.replaceAll('&amp;', '&'))
      return target ? `${before}${target}${after}` : all
    })
  }
  if (!LINKING_TYPES.has(type) && !(key === 'Reference' && name === 'reference')) return value
  const whole = find(value)
  if (whole !== undefined) return whole
  const hash = value.indexOf('#')
  if (hash < 0) return value
  const target = find(value.slice(0, hash))
  return target === undefined ? value : target + value.slice(hash)
}
