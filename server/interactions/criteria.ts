import type { Access } from '../access/access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import type { Version } from '../store/store.ts'

/** They say how the answer is written, and single nothing out. */
const OF_THE_ANSWER = ['_format', '_pretty', '_summary', '_elements']

type Asked = { access: Access; definitions: Definitions; type: string }

/**
 * The criteria of a conditional interaction. They must all be understood: else the wrong resource is found.
 * @throws Refusal `required` without any; `forbidden` for who may not search, who would find nothing and make everything twice;
 *   `incomplete` (503) for a search parameter that older resources are still being indexed for
 * @see https://hl7.org/fhir/R4/http.html#cond-update
 */
export function parseCriteria({ access, definitions, type }: Asked, params: URLSearchParams): SearchQuery {
  if (!permits(access, type, 's')) throw notPermitted(type, 's')
  const criteria = new URLSearchParams(params)
  for (const name of OF_THE_ANSWER) criteria.delete(name)
  const query = parseSearch(definitions, type, criteria, 'strict')
  if (query.filters.length === 0) {
    throw refuse(
      'required',
      `The criteria that single out one ${type} are missing; expected such as identifier=system|value.`,
    )
  }
  // What is not indexed yet would not be found, and would be made a second time.
  const incomplete = query.issues.filter(({ code }) => code === 'incomplete')
  if (incomplete.length > 0) throw new Refusal(incomplete.map((issue) => ({ ...issue, severity: 'error' })))
  return query
}

/** The criteria of If-None-Exist, with or without `?` before them. */
export const parseIfNoneExist = (asked: Asked, ifNoneExist: string): SearchQuery =>
  parseCriteria(asked, new URLSearchParams(ifNoneExist.replace(/^[^?=]*\?/, '')))

/**
 * The id that a conditional update is about, by R4's table: the match's, or the one that the resource brings.
 * @returns undefined where a new resource is to be given one
 * @throws Refusal when the resource says another id than the match has
 */
export function idToUpdate(type: string, given: string | undefined, found: Version | undefined): string | undefined {
  if (!found || given === undefined || given === found.id) return found?.id ?? given
  throw refuse('invalid', `The criteria match ${type}/${found.id}, the resource says the id "${given}".`, `${type}.id`)
}
