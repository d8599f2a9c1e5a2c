import { hash } from 'node:crypto'
import type { Access, Query } from './access.ts'

/** In no patient's compartment, and nobody's but of whoever made it: a Subscription bears an address and the secrets for it. */
export const NO_COMPARTMENT: ReadonlySet<string> = new Set(['Subscription'])

/** A security label of this system says who has made a resource; only this server writes it. */
export const MADE_BY = 'http://fylgje.no/fhir/CodeSystem/made-by'

/** The same person by another app is another maker. */
export const makerOf = ({ clientId, actor }: Pick<Access, 'clientId' | 'actor'>): string =>
  hash('sha256', `${clientId} ${actor}`, 'hex').slice(0, 40)

/** What the caller has made, as search parameters. */
export const madeByQuery = (access: Access): Query => [['_security', `${MADE_BY}|${makerOf(access)}`]]
