import type { Resource } from '../core/fhir/resource.ts'

/** FHIRPath of the first element of the resource whose value is this text: `Observation.performer[1].reference`. */
export function placeOf({ resourceType, ...elements }: Resource, text: string): string {
  return find(elements, resourceType, text) ?? resourceType
}

function find(value: unknown, path: string, text: string): string | undefined {
  if (value === text) return path
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    const found = find(inner, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`, text)
    if (found !== undefined) return found
  }
  return undefined
}
