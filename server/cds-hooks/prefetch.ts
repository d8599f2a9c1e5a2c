import type { DataRequirement, DataRequirementCodeFilter } from '@medplum/fhirtypes'
import type { Hook } from './hooks.ts'

/** Prefetch templates by their key. */
export type Prefetch = { [key: string]: string }

/**
 * What a service asks its client to send along: a FHIR query for each data requirement, with the tokens of the hook's context.
 * A template may find more than is required, never less, since what comes is selected from once more: a window that moves with the
 * clock cannot be written in CDS Hooks 2.0 and is left out.
 * @param requirements as `$data-requirements` has them, those of the same query once
 * @see https://cds-hooks.hl7.org/2.0/#prefetch-template
 */
export function prefetchOf(requirements: DataRequirement[], hook: Hook): Prefetch {
  const patient = `{{context.${hook.patient}}}`
  const queries = requirements.flatMap((one) => queryOf(one, patient))
  const prefetch: Prefetch = { patient: `Patient/${patient}` }
  const countOf = new Map<string, number>()
  for (const query of new Set(queries)) {
    const type = query.slice(0, query.indexOf('?')).toLowerCase()
    const count = (countOf.get(type) ?? 0) + 1
    countOf.set(type, count)
    prefetch[count === 1 ? type : `${type}-${count}`] = query
  }
  return prefetch
}

/** Types that name their patient by another parameter, as far as plans look at them. */
const PATIENT_PARAMETER: Readonly<Record<string, string>> = { Appointment: 'patient', Coverage: 'beneficiary' }
/** Paths of elements whose search parameter has another name. */
const PARAMETER: Readonly<Record<string, string>> = {
  ...{ effective: 'date', 'value.code': 'value-concept', medication: 'code', clinicalStatus: 'clinical-status' },
  ...{ verificationStatus: 'verification-status', occurrence: 'occurrence', onset: 'onset-date', performed: 'date' },
  ...{ recordedDate: 'recorded-date', authoredOn: 'authored-on', vaccineCode: 'vaccine-code', period: 'date' },
}

function queryOf(requirement: DataRequirement, patient: string): string[] {
  const { type, codeFilter = [], dateFilter = [], sort = [], limit } = requirement
  if (type === 'Patient') return []
  const params = [
    `${PATIENT_PARAMETER[type] ?? 'patient'}=${patient}`,
    ...codeFilter.flatMap(codeParams),
    ...dateFilter.flatMap((filter) => dateParams(filter, parameterOf(filter))),
    ...(isWhole(requirement) ? [] : sortAndCount(sort, limit)),
  ]
  return [`${type}?${params.join('&')}`]
}

/** A value set and codes of one filter add up, which no query can say: then the filter is left to whoever selects. */
function codeParams(filter: DataRequirementCodeFilter): string[] {
  const { valueSet, code = [] } = filter
  const name = parameterOf(filter)
  if (valueSet && code.length > 0) return []
  if (valueSet) return [`${name}:in=${encodeURIComponent(valueSet)}`]
  const tokens = code.map(({ system, code: value }) => [system, value].filter(Boolean).map(escaped).join('|'))
  return tokens.length > 0 ? [`${name}=${tokens.join(',')}`] : []
}

function dateParams({ valueDateTime, valuePeriod }: NonNullable<DataRequirement['dateFilter']>[number], name: string) {
  if (valueDateTime) return [`${name}=${valueDateTime}`]
  return [
    ...(valuePeriod?.start ? [`${name}=ge${valuePeriod.start}`] : []),
    ...(valuePeriod?.end ? [`${name}=le${valuePeriod.end}`] : []),
  ]
}

function sortAndCount(sort: NonNullable<DataRequirement['sort']>, limit: number | undefined): string[] {
  const keys = sort.map(({ path, direction }) => `${direction === 'descending' ? '-' : ''}${PARAMETER[path] ?? path}`)
  return [...(keys.length > 0 ? [`_sort=${keys.join(',')}`] : []), ...(limit === undefined ? [] : [`_count=${limit}`])]
}

/** Its count is one of what a query cannot narrow down, so a count in the query could cut off what is wanted. */
function isWhole({ limit, sort = [], dateFilter = [], codeFilter = [] }: DataRequirement): boolean {
  if (limit === undefined) return false
  const isNewestFirst = sort[0]?.direction === 'descending'
  const isOpenWindow = dateFilter.some(({ valueDuration }) => valueDuration !== undefined)
  const isWider = codeFilter.some(({ valueSet, code = [] }) => valueSet !== undefined && code.length > 0)
  return isWider || (isOpenWindow && !isNewestFirst)
}

type Filter = { path?: string | undefined; searchParam?: string | undefined }
const parameterOf = ({ path, searchParam }: Filter): string =>
  searchParam ?? PARAMETER[path ?? ''] ?? path?.split('.')[0] ?? 'code'

/** https://hl7.org/fhir/R4/search.html#escaping */
const escaped = (text = '') => text.replace(/[\\$,|]/g, (one) => `\\${one}`)
