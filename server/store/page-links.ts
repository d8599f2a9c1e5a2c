import type { Access } from '../access/access.ts'
import { withoutNationalNumbers } from '../audit/record.ts'
import type { KeptCriteria } from './kept-criteria.ts'

type Kept = { keptCriteria: KeptCriteria }

/**
 * A search as the links of its answer tell it. The criteria stand in it as they were understood, or, where there is a national identity
 * number among them, as an id under which they lie here: addresses are kept by proxies and browsers.
 * @param search `address` without a query; `understood`: the query string of what was understood, empty for nothing
 */
export async function selfLink(
  { keptCriteria }: Kept,
  access: Access,
  { address, understood }: { address: string; understood: string },
): Promise<string> {
  if (understood === '') return address
  const said = new URLSearchParams(understood)
  const isPlain = [...said].every(([, value]) => !hasNationalNumber(value))
  return `${address}?${isPlain ? understood : `_criteria=${await keptCriteria.keep(access, understood)}`}`
}

/** As long as one is a telephone number with its country's code as well. */
function hasNationalNumber(value: string): boolean {
  const others = value.replaceAll(/\+\d+/g, '')
  return withoutNationalNumbers(others) !== others
}

/** The link to the page that begins behind `cursor`. @param self the `selfLink` */
export const nextLink = (self: string, cursor: string): string =>
  `${self}${self.includes('?') ? '&' : '?'}_cursor=${encodeURIComponent(cursor)}`

/** Puts the criteria back into the query of whoever follows such a link. @throws Refusal not-found */
export async function takeUpCriteria({ keptCriteria }: Kept, access: Access, query: URLSearchParams): Promise<void> {
  const id = query.get('_criteria')
  if (id === null) return
  const criteria = await keptCriteria.find(access, id)
  query.delete('_criteria')
  for (const [name, value] of new URLSearchParams(criteria)) query.append(name, value)
}
