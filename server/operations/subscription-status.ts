import type { Bundle, Parameters } from '@medplum/fhirtypes'
import type { Exchange, Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import { readGiven } from './given-parameters.ts'
import { type Operation, part } from './operation.ts'

/**
 * Subscription/$status and Subscription/{id}/$status: what Subscriptions have come to, of those that the caller has made.
 * @throws Refusal not-found
 * @see https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-status.html
 */
export const subscriptionStatus: Operation = {
  code: 'status',
  title: 'What Subscriptions have come to',
  description: 'The status of Subscriptions, how many events each has had, and why it is in error or off.',
  resource: ['Subscription'],
  on: ['type', 'instance'],
  letter: 'r',
  isOwn: true,
  in: [
    part('id', 'id', 'Which; left out, all of the caller’s.', '*'),
    part('status', 'code', 'Only those of this status.', '*'),
  ],
  out: [{ name: 'return', type: 'Bundle', min: 1, max: '1', documentation: 'A searchset of Parameters.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, subscriptionStatus)
    const wanted = given.texts('status')
    const states = await rooms.subscriptions.status(await idsOf(exchange, rooms, given.texts('id')))
    const shown = states.filter((one) => wanted.length === 0 || wanted.includes(statusOf(one)))
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'searchset',
      total: shown.length,
      entry: shown.map((resource) => ({ fullUrl: `urn:uuid:${resource.id}`, resource, search: { mode: 'match' } })),
    }
    return { status: 200, text: JSON.stringify(bundle) }
  },
}

const statusOf = ({ parameter = [] }: Parameters) => parameter.find(({ name }) => name === 'status')?.valueCode ?? ''

/** More than a caller has use for at once; who has more asks for them by id. */
const COUNT_MAX = '1000'

async function idsOf({ access, id }: Exchange, { store, definitions }: Rooms, asked: string[]): Promise<string[]> {
  if (id !== '') return [(await store.read(access, 'Subscription', id)).id]
  const params = new URLSearchParams({ _count: COUNT_MAX, ...(asked.length > 0 ? { _id: asked.join(',') } : {}) })
  const { matches } = await store.search(access, parseSearch(definitions, 'Subscription', params))
  return matches.map((one) => one.id)
}
