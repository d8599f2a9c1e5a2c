import type { DataRequirement } from '@medplum/fhirtypes'
import { reachesBackTo } from '../core/decide/plan/data-requirement.ts'
import { parameterOfPath, pathsOfParameter } from '../core/decide/plan/filter-paths.ts'

/** A list of codes that is longer is left to whoever picks among what was found. */
const CODE_COUNT_MAX = 50

/**
 * What a requirement asks for, as a search of a patient's resources, the newest first: all that it can want is among what is found, and
 * of a long record not just some thousand others. It may find more, of which `select` picks.
 * @see https://hl7.org/fhir/R4/metadatatypes.html#DataRequirement
 */
export function dataQuery(requirement: DataRequirement, patient: string, now: Date): Record<string, string> {
  const { type = '', codeFilter = [], dateFilter = [] } = requirement
  const nameOf = (filter: { path?: string; searchParam?: string }, kind: 'code' | 'date') =>
    filter.searchParam ?? parameterOfPath(type, filter.path ?? (kind === 'code' ? 'code' : ''), kind)
  const byCode = codeFilter.find((one) => nameOf(one, 'code') === 'code' && !one.valueSet && one.code?.length)
  const codes = byCode?.code ?? []
  const since = dateFilter.flatMap((one): [string, string][] => {
    const name = nameOf(one, 'date')
    const start = reachesBackTo({ type, dateFilter: [one] }, now)
    return name && start ? [[name, `ge${start.toISOString()}`]] : []
  })
  const newest = ORDERS.find((name) => pathsOfParameter(type, name, 'date') !== undefined) ?? '_lastUpdated'
  return {
    patient,
    ...(codes.length > 0 && codes.length <= CODE_COUNT_MAX ? { code: codes.map(tokenOf).join(',') } : {}),
    ...Object.fromEntries(since),
    _sort: `-${newest}`,
  }
}

/** By which of its dates a type is put in order, as far as it has one of them. */
const ORDERS = ['date', 'authored', 'authoredon', 'recorded-date', 'effective']

/** https://hl7.org/fhir/R4/search.html#escaping */
const tokenOf = ({ system, code = '' }: { system?: string; code?: string }): string =>
  [...(system ? [system] : []), code].map((part) => part.replace(/[\\$,|]/g, '\\$&')).join('|')
