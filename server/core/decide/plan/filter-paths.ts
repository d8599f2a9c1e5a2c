import type { DataRequirement, DataRequirementCodeFilter, DataRequirementDateFilter } from '@medplum/fhirtypes'
import { findElement } from '../../fhirpath/element.ts'
import { Problem } from '../problem.ts'
import { CODE_PATHS, DATE_PATHS } from './filter-paths.generated.ts'

export type FilterKind = 'code' | 'date'
type Filter = Pick<DataRequirementCodeFilter | DataRequirementDateFilter, 'path' | 'searchParam'>

/** https://hl7.org/fhir/R4/search.html#all */
const OF_ALL = {
  code: { _tag: 'meta.tag', _security: 'meta.security', _profile: 'meta.profile' },
  date: { _lastUpdated: 'meta.lastUpdated' },
} as const
const TABLES = { code: CODE_PATHS, date: DATE_PATHS } as const

/**
 * Where a filter of a DataRequirement looks: its `path`, or the paths of the search parameter that it names, joined by `|`.
 * @param type of the resources that are asked for
 * @throws Problem for a search parameter that R4 does not have for the type, or has for values of another kind. Taken for a path it
 *   would find nothing, or let everything in, and nobody would be told
 * @see https://hl7.org/fhir/R4/metadatatypes-definitions.html#DataRequirement.codeFilter.searchParam
 */
export function pathsOfFilter(type: string | undefined, filter: Filter, kind: FilterKind): string | undefined {
  if (filter.path !== undefined || filter.searchParam === undefined) return filter.path
  const paths = pathsOfParameter(type, filter.searchParam, kind)
  if (paths !== undefined) return paths
  const name = filter.searchParam
  throw new Problem(
    kind === 'code'
      ? {
          nb: `${type} har ingen søkeparameter ${name} for koder; bruk en av R4s, eller path`,
          nn: `${type} har ingen søkjeparameter ${name} for kodar; bruk ein av R4 sine, eller path`,
          en: `${type} has no search parameter ${name} for codes; use one of R4's, or path`,
        }
      : {
          nb: `${type} har ingen søkeparameter ${name} for tider; bruk en av R4s, eller path`,
          nn: `${type} har ingen søkjeparameter ${name} for tider; bruk ein av R4 sine, eller path`,
          en: `${type} has no search parameter ${name} for dates; use one of R4's, or path`,
        },
  )
}

/** Extensions of other engines by which an input says in another way than by its filters what it wants. */
const OTHER_WAYS = /\/(cqf-fhirQueryPattern|us-ph-fhirquerypattern-extension|us-ph-relateddata-extension)$/i

/** Whether a requirement has no filter because such an extension says what it wants. Without it, it would be all of the type. */
export const isSaidOtherwise = ({ extension = [], codeFilter, dateFilter }: DataRequirement): boolean =>
  !codeFilter?.length && !dateFilter?.length && extension.some(({ url }) => OTHER_WAYS.test(url ?? ''))

/** The paths of R4's search parameter of this name, joined by `|`; undefined where the type has none that such a filter can go by. */
export function pathsOfParameter(type: string | undefined, name: string, kind: FilterKind): string | undefined {
  const ofAll: Readonly<Record<string, string>> = OF_ALL[kind]
  return Object.hasOwn(ofAll, name) ? ofAll[name] : parametersOf(type ?? '', kind).get(name)
}

/** The search parameter of R4 that looks at this path of the type, whichever type the element has; undefined where none does. */
export function parameterOfPath(type: string, path: string, kind: FilterKind): string | undefined {
  const looksAt = (one: string) => one === path || (one.startsWith(path) && /^[A-Z]/.test(one.slice(path.length)))
  for (const [name, paths] of parametersOf(type, kind)) if (paths.split('|').every(looksAt)) return name
  return undefined
}

/** Whether R4's type has such an element: `code`, `value` (whichever type it has), `component.code`; of several joined by `|`, each. */
export const hasPath = (type: string, path: string): boolean =>
  path.split('|').every((one) => hasElement(type, one.split('.')))

function hasElement(parent: string, [name = '', ...rest]: string[]): boolean {
  const element = findElement(parent, name)
  if (!element || rest.length === 0) return element !== undefined
  return [element.childrenOf, ...(element.choice ?? [])].some((below) => hasElement(below, rest))
}

/** Read from the table when a type is first asked for. */
function parametersOf(type: string, kind: FilterKind): ReadonlyMap<string, string> {
  const known = read[kind].get(type)
  if (known) return known
  const entries = (Object.hasOwn(TABLES[kind], type) ? (TABLES[kind][type] ?? '') : '').split(' ').filter(Boolean)
  const parameters = new Map(
    entries.map((entry) => {
      const [name = '', paths] = entry.split('=')
      return [name, paths ?? inCamelCase(name)] as const
    }),
  )
  read[kind].set(type, parameters)
  return parameters
}
const read = {
  code: new Map<string, ReadonlyMap<string, string>>(),
  date: new Map<string, ReadonlyMap<string, string>>(),
}

const inCamelCase = (name: string) => name.replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase())
