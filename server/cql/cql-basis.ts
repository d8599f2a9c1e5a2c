import type { DataRequirement } from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'
import type { ElmBook } from './elm-book.ts'
import { type CqlGround, type LibrarySet, requirementsOfSet } from './library-set.ts'
import { type FindLibrary, readLibrarySet } from './read-library-set.ts'

/** The libraries of definitions that have CQL in them, what these libraries look at, and the codes that they look for. */
export type CqlBasis = { set: LibrarySet; requirements: DataRequirement[]; valueSets: CqlGround['valueSets'] }

export type CqlSources = {
  find: FindLibrary
  elms: ElmBook
  /** `system|code` of each code of a value set; undefined for one that cannot be listed. */
  listCodes: (canonical: string) => Promise<ReadonlySet<string> | undefined>
}

/** Whether an expression of these definitions is in CQL. The text of each, which may be large, is looked through once. */
export const hasCql = (definitions: object[]): boolean => definitions.some(saysCql)

function saysCql(definition: object): boolean {
  const known = looked.get(definition)
  if (known !== undefined) return known
  const says = /"text\/cql/.test(JSON.stringify(definition))
  looked.set(definition, says)
  return says
}
const looked = new WeakMap<object, boolean>()

/** @param definitions plans and activities that are applied together; their `library` says what their expressions name */
export async function readCqlBasis(definitions: object[], { find, elms, listCodes }: CqlSources): Promise<CqlBasis> {
  const named = (definitions as { library?: string[] }[]).flatMap(({ library }) => library ?? [])
  const set = await readLibrarySet(named, find, elms)
  const valueSets: Record<string, readonly string[]> = {}
  // One after the other: they may be many, and each may be large.
  for (const canonical of new Set(set.libraries.flatMap(({ valueSets }) => valueSets))) {
    const codes = await listCodes(canonical)
    if (codes) valueSets[canonical] = [...codes]
  }
  return { set, requirements: requirementsOfSet(set), valueSets }
}

/**
 * The ground of one subject: its resources of the types that the libraries look at, each once.
 * @param parameters of the libraries, where some are given
 */
export function groundOf(
  { set, requirements, valueSets }: CqlBasis,
  subject: Resource,
  data: Resource[],
  parameters?: CqlGround['parameters'],
): CqlGround {
  const types = new Set(requirements.map(({ type }) => String(type)))
  types.delete('Patient')
  const once = new Map(data.flatMap((one) => (types.has(one.resourceType) ? [[keyOf(one), one] as const] : [])))
  return { set, valueSets, data: [subject, ...once.values()], ...(parameters ? { parameters } : {}) }
}

/** What has no id is told apart from all others. */
const keyOf = (resource: Resource): unknown => (resource.id ? `${resource.resourceType}/${resource.id}` : resource)
