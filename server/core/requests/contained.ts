import type { Resource } from '../fhir/resource.ts'

/** What a definition contains and a request made from it refers to, directly or by what it refers to. */
export function containedFor(resource: Resource, containers: (Resource | undefined)[]): Resource[] {
  const known = new Map(
    containers.flatMap((container) =>
      ((container?.contained ?? []) as Resource[]).map((inner) => [String(inner.id), inner] as const),
    ),
  )
  const found = new Map<string, Resource>()
  const follow = (from: Resource) => {
    for (const id of localReferences(from)) {
      const inner = known.get(id)
      if (!inner || found.has(id)) continue
      found.set(id, inner)
      follow(inner)
    }
  }
  follow(resource)
  return [...found.values()]
}

/**
 * A request that holds what it refers to within the definitions that it was made from, such as a Medication; what it contains already, and
 * refers to, stays as it is.
 */
export function withContained(resource: Resource, containers: Resource[]): Resource {
  const contained = containedFor(resource, [...containers, resource])
  return contained.length > 0 ? { ...resource, contained } : resource
}

/** The same with other ids, in the resources themselves and where they refer to each other. */
export function withLocalIds<T extends object>(one: T, newId: (id: string) => string): T {
  const text = JSON.stringify(one).replace(REFERENCE, (_all, id: string) => `"reference":"#${newId(id)}"`)
  return JSON.parse(text) as T
}

const REFERENCE = /"reference":"#([A-Za-z0-9\-.]{1,64})"/g

const localReferences = (resource: Resource): string[] =>
  [...JSON.stringify({ ...resource, contained: undefined }).matchAll(REFERENCE)].flatMap(([, id]) => id ?? [])
