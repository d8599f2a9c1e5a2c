import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { SearchQuery } from '../search/search-query.ts'

/**
 * What a caller wants to be true.
 * - `create`: the store gives the id, unless one was given by `Store.newId` before. With `unless` (If-None-Exist) nothing is
 *   made when one match exists: its version is the answer.
 * - `update`: also creates, when there is none of this id (update-as-create).
 * - `ifMatch` is a version number; another current version is refused with 412.
 * - `ifNoneMatch` is the header's text; `*` makes an update a create alone: what is there is refused with 412.
 */
export type Change =
  | { interaction: 'create'; resource: Resource; id?: string; unless?: SearchQuery }
  | {
      interaction: 'update'
      resource: Resource
      id: string
      ifMatch?: number | undefined
      ifNoneMatch?: string | undefined
    }
  | { interaction: 'delete'; type: string; id: string; ifMatch?: number | undefined }

/** A refusal of one of several changes, which says of which. */
export class ChangeRefusal extends Refusal {
  readonly changeIndex: number
  constructor(changeIndex: number, issues: Issue[], status: number) {
    super(issues, status)
    this.changeIndex = changeIndex
  }
}

export const typeOf = (change: Change): string =>
  change.interaction === 'delete' ? change.type : change.resource.resourceType

/** What two changes must not do at the same time: `Type/id`, or the criteria of a conditional create. */
export function keyOf(change: Change): string | undefined {
  if (change.interaction !== 'create') return `${typeOf(change)}/${change.id}`
  if (change.unless) return `${typeOf(change)}?${change.unless.understood}`
  return undefined
}
