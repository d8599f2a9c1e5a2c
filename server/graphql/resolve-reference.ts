import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { QueryContext } from './reading.ts'

export type ReferenceArguments = { optional?: boolean | null; type?: string | null }

const LOCAL = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/

/**
 * What a Reference refers to: a resource here, or one that is contained.
 * @returns undefined for another type than `type`, and for what is not found where that is `optional`
 * @throws Refusal not-found, deleted or forbidden where it is not
 * @see https://hl7.org/fhir/R4/graphql.html#resource
 */
export async function resolveReference(
  source: { reference?: string },
  { optional, type: wanted }: ReferenceArguments,
  context: QueryContext,
): Promise<Resource | undefined> {
  const { reference } = source
  if (reference === undefined) return undefined
  try {
    const found = reference.startsWith('#')
      ? containedIn(context.containers.get(source), reference)
      : await readLocal(reference, wanted, context)
    return wanted && found?.resourceType !== wanted ? undefined : found
  } catch (error) {
    if (optional) return undefined
    throw error
  }
}

function containedIn(root: Resource | undefined, reference: string): Resource | undefined {
  if (reference === '#') return root
  const contained = (root as { contained?: Resource[] } | undefined)?.contained ?? []
  const found = contained.find(({ id }) => id === reference.slice(1))
  if (!found) throw refuse('not-found', `Nothing that is contained has the id ${reference.slice(1)}.`)
  return found
}

async function readLocal(
  reference: string,
  wanted: string | null | undefined,
  { baseUrl, read }: QueryContext,
): Promise<Resource | undefined> {
  const path = reference.startsWith(`${baseUrl}/`) ? reference.slice(baseUrl.length + 1) : reference
  const [, type, id, versionId] = LOCAL.exec(path) ?? []
  if (type === undefined || id === undefined) {
    throw refuse('not-found', `The reference ${reference} leads to no resource of this server.`)
  }
  // Its type can be seen already, so nothing is read that is not wanted.
  return wanted && wanted !== type ? undefined : read(type, id, versionId)
}
