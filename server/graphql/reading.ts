import type { Resource } from '../core/fhir/resource.ts'

/** How a query reaches what is stored: as one caller, who sees no more through GraphQL than through REST. */
export type Reading = {
  baseUrl: string
  /** @throws Refusal forbidden, not-found, deleted */
  read(type: string, id: string, versionId?: string): Promise<Resource>
  /** @throws Refusal forbidden, or whatever is wrong with the parameters */
  search(type: string, params: URLSearchParams): Promise<{ resources: Resource[]; next?: string }>
  count(type: string, params: URLSearchParams): Promise<number>
}

/** What the resolvers of one query share. */
export type QueryContext = Reading & {
  /** The names that `@slice` gives to the elements of a list, by the path of the list in the answer. */
  slices: Map<string, string[]>
  /** The resource around each Reference, where it contains others. */
  containers: WeakMap<object, Resource>
}
