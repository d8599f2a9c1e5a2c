import { readGiven } from './given-parameters.ts'
import { type Operation, part } from './operation.ts'

/**
 * Subscription/{id}/$events: events again, by their numbers. What the caller may not see any more is a number and a time.
 * @throws Refusal not-found (also for events that are not kept any more), value
 * @see https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-events.html
 */
export const subscriptionEvents: Operation = {
  code: 'events',
  title: 'Events of a Subscription again',
  description: 'The events of a Subscription by their numbers, at most 500 at a time, as the notice of them had them.',
  resource: ['Subscription'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [
    part('eventsSinceNumber', 'string', 'From this number on, it included; left out, the first.'),
    part('eventsUntilNumber', 'string', 'Up to this number, it included.'),
    part('content', 'code', 'empty, id-only or full-resource; never more than the Subscription itself has.'),
  ],
  out: [{ name: 'return', type: 'Bundle', min: 1, max: '1', documentation: 'A notice of the type query-event.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, subscriptionEvents)
    const { access, id } = exchange
    await rooms.store.read(access, 'Subscription', id)
    const bundle = await rooms.subscriptions.events(access, id, {
      since: given.text('eventsSinceNumber'),
      until: given.text('eventsUntilNumber'),
      content: given.text('content'),
    })
    return { status: 200, text: JSON.stringify(bundle) }
  },
}
