import type { Access } from '../access/access.ts'
import { withoutNationalNumbers } from '../audit/record.ts'
import type { Rooms } from '../exchange.ts'

type Kept = Pick<Rooms, 'keptCriteria'>

/**
 * The criteria of a search as the link to its next page has them: as they are, or, where there is a national identity number among them, an id
 * under which they lie here. Addresses are kept by proxies and browsers.
 * @param understood the query string of the `self` link
 */
export async function criteriaOfLink({ keptCriteria }: Kept, access: Access, understood: string): Promise<string> {
  const said = new URLSearchParams(understood)
  const isPlain = [...said].every(([, value]) => withoutNationalNumbers(value) === value)
  return isPlain ? understood : `_criteria=${await keptCriteria.keep(access, understood)}`
}

/** Puts the criteria back into the query of whoever follows such a link. @throws Refusal not-found */
export async function takeUpCriteria({ keptCriteria }: Kept, access: Access, query: URLSearchParams): Promise<void> {
  const id = query.get('_criteria')
  if (id === null) return
  const criteria = await keptCriteria.find(access, id)
  query.delete('_criteria')
  for (const [name, value] of new URLSearchParams(criteria)) query.append(name, value)
}
