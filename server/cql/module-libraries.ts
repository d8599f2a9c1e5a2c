import type { ParameterDefinition } from '@medplum/fhirtypes'
import { type ElmParameter, parametersOf, parseElm } from './elm.ts'
import { type LibrarySet, toldRequirements } from './library-set.ts'

/** What `$data-requirements` tells of libraries: which versions there are, what they retrieve, which parameters they take. */
export function moduleLibraries(set: LibrarySet) {
  const parameters = new Map(set.libraries.flatMap(({ elm }) => [...parametersOf(parseElm(elm))]))
  return {
    canonicals: set.libraries.flatMap(({ url, version }) => (url ? [version ? `${url}|${version}` : url] : [])),
    requirements: toldRequirements(set),
    parameters: [...parameters].map(([name, parameter]) => toDefinition(name, parameter)),
  }
}

/** Optional all of them: one that is not given has its default, or is nothing. */
function toDefinition(name: string, { type }: ElmParameter): ParameterDefinition {
  const isList = type?.type === 'ListTypeSpecifier'
  const named = (isList ? type.elementType : type)?.name ?? ''
  return { name, use: 'in', min: 0, max: isList ? '*' : '1', type: fhirType(named, type?.type) as 'string' }
}

/** https://hl7.org/fhir/R4/valueset-all-types.html; CQL's own types as FHIR has them. */
function fhirType(name: string, kind: string | undefined): string {
  if (kind === 'IntervalTypeSpecifier') return 'Period'
  const own = name.replace(/^\{[^}]*\}/, '')
  return name.startsWith('{http://hl7.org/fhir}') ? own : (FHIR_TYPES[own] ?? 'Any')
}

const FHIR_TYPES: Readonly<Record<string, string>> = {
  ...{
    Boolean: 'boolean',
    Integer: 'integer',
    Decimal: 'decimal',
    String: 'string',
    DateTime: 'dateTime',
    Date: 'date',
  },
  ...{ Time: 'time', Quantity: 'Quantity', Code: 'Coding', Concept: 'CodeableConcept', Ratio: 'Ratio' },
}
