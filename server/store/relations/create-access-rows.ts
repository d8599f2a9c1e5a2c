import type { Resource } from '../../core/fhir/resource.ts'
import type { Definitions } from '../../definitions/definitions.ts'
import { typeIndex } from '../../search/parameters.ts'
import { accessRowsOf, mayHaveAccessRows } from './access-rows.ts'
import type { AccessRows } from './relation-row.ts'

/** `accessRowsOf` with the definitions that are in use. */
export function createAccessRows(
  definitions: () => Definitions,
  baseUrl: string,
): (resource: Resource) => AccessRows | undefined {
  let known: readonly string[] | undefined
  const codePaths = () => {
    known ??= pathsOfCode(definitions())
    return known
  }
  const isResourceType = (code: string) => definitions().resourceTypes.has(code)
  const basis = { baseUrl, codePaths, isResourceType }
  return (resource) => (mayHaveAccessRows(resource) ? accessRowsOf(resource, basis) : undefined)
}

/** Where each type has its code, by R4's own search parameters, which nothing replaces. */
function pathsOfCode(definitions: Definitions): string[] {
  const paths = [...definitions.resourceTypes].flatMap((type) => {
    const parameter = typeIndex(definitions, type).parameters.get('code')
    return parameter?.kind === 'token' ? parameter.keys.map(({ key }) => key.path) : []
  })
  return [...new Set(paths)]
}
