import type { DataRequirement } from '@medplum/fhirtypes'
import { reachesBackTo } from '../core/decide/plan/data-requirement.ts'
import { parameterOfPath, pathsOfParameter } from '../core/decide/plan/filter-paths.ts'

/** A list of codes that is longer is left to whoever picks among what was found. */
const CODE_COUNT_MAX = 50

/**
 * What a requirement asks for, as searches of a patient's resources, the newest first: all that it can want is among what is found, and
 * of a long record not thousands of others. They may find more, of which `select` picks.
 * @returns one search; where it asks how far back, a second for what does not say when it was, which happened when it was issued or came
 * @see https://hl7.org/fhir/R4/metadatatypes.html#DataRequirement
 */
export function dataQueries(requirement: DataRequirement, patient: string, now: Date): Record<string, string>[] {
  const { type = '', codeFilter = [], dateFilter = [] } = requirement
  const nameOf = (filter: { path?: string; searchParam?: string }, kind: 'code' | 'date') =>
    filter.searchParam ?? parameterOfPath(type, filter.path ?? (kind === 'code' ? 'code' : ''), kind)
  const byCode = codeFilter.find((one) => nameOf(one, 'code') === 'code' && !one.valueSet && one.code?.length)
  const codes = byCode?.code ?? []
  // One that names no code asks for no code that could be searched for.
  const isByCode = codes.length > 0 && codes.length <= CODE_COUNT_MAX && codes.every(({ code }) => code)
  const since = dateFilter.flatMap((one): [string, string][] => {
    const name = nameOf(one, 'date')
    const start = reachesBackTo({ type, dateFilter: [one] }, now)
    return name && start ? [[name, `ge${start.toISOString()}`]] : []
  })
  const newest = ORDERS.find((name) => pathsOfParameter(type, name, 'date') !== undefined) ?? '_lastUpdated'
  const all = { patient, ...(isByCode ? { code: codes.map(tokenOf).join(',') } : {}) }
  const dated = { ...all, ...Object.fromEntries(since), _sort: `-${newest}` }
  const undated = since.map(([name, from]) => ({ ...all, [`${name}:missing`]: 'true', _lastUpdated: from }))
  return [dated, ...undated]
}

/** How many of the newest are all that a requirement can want; undefined where only `select` can say which those are. */
export function limitOf({ limit, sort, codeFilter = [], dateFilter = [] }: DataRequirement): number | undefined {
  return sort?.length || codeFilter.length > 0 || dateFilter.length > 0 ? undefined : limit
}

/** By which of its dates a type is put in order, as far as it has one of them. */
const ORDERS = ['date', 'authored', 'authoredon', 'recorded-date', 'effective']

/** https://hl7.org/fhir/R4/search.html#escaping */
const tokenOf = ({ system, code = '' }: { system?: string; code?: string }): string =>
  [...(system ? [system] : []), code].map((part) => part.replace(/[\\$,|]/g, '\\$&')).join('|')
