import type { Access } from '../access/access.ts'
import { withoutNationalNumbers } from '../audit/record.ts'
import type { Rooms } from '../exchange.ts'

type Kept = Pick<Rooms, 'keptCriteria'>

/**
 * The link to the page of a search that begins behind `cursor`. The criteria stand in it as they are, or, where there is a national identity
 * number among them, as an id under which they lie here: addresses are kept by proxies and browsers.
 * @param search `address` without a query; `understood`: the query string of the `self` link
 */
export async function nextLink(
  { keptCriteria }: Kept,
  access: Access,
  { address, understood, cursor }: { address: string; understood: string; cursor: string },
): Promise<string> {
  const said = new URLSearchParams(understood)
  const isPlain = [...said].every(([, value]) => withoutNationalNumbers(value) === value)
  const criteria = isPlain ? understood : `_criteria=${await keptCriteria.keep(access, understood)}`
  return `${address}?${criteria === '' ? '' : `${criteria}&`}_cursor=${encodeURIComponent(cursor)}`
}

/** Puts the criteria back into the query of whoever follows such a link. @throws Refusal not-found */
export async function takeUpCriteria({ keptCriteria }: Kept, access: Access, query: URLSearchParams): Promise<void> {
  const id = query.get('_criteria')
  if (id === null) return
  const criteria = await keptCriteria.find(access, id)
  query.delete('_criteria')
  for (const [name, value] of new URLSearchParams(criteria)) query.append(name, value)
}
