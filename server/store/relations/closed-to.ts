import type { Access } from '../../access/access.ts'
import type { Filter } from '../../search/search-filter.ts'
import type { SearchQuery } from '../../search/search-query.ts'
import type { ReaderRooms } from '../rooms.ts'
import { opensRecord, tiesTo } from './ties.ts'

/**
 * Whether something is closed to the caller in the records that a search names. It does not depend on what else was asked for:
 * whoever asks for one code must not learn that it is this one that is closed. Those who have nothing to do with the patient are not told.
 */
export async function isSomethingClosed(
  rooms: ReaderRooms,
  access: Access,
  query: Pick<SearchQuery, 'filters' | 'compartment'>,
): Promise<boolean> {
  if (!access.standing || access.standing.grantees.length === 0) return false
  const patients = [
    ...(query.compartment === undefined ? [] : [query.compartment]),
    ...query.filters.flatMap(patientsIn),
  ]
  if (patients.length === 0) return false
  const { relations, closedBy } = await tiesTo(rooms, access, patients)
  return closedBy.length > 0 && relations.some(opensRecord)
}

function patientsIn(filter: Filter): string[] {
  if (filter.kind === 'all' || filter.kind === 'any') return filter.filters.flatMap(patientsIn)
  if (filter.kind !== 'reference' || filter.not) return []
  return filter.values.flatMap((value) => {
    if (value.kind === 'typed') return value.type === 'Patient' ? [value.id] : []
    return value.kind === 'untyped' ? [value.id] : []
  })
}
