import type { ExampleStep, OperationExample } from './operation-example.ts'

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

/** Told of Tasks of one team, by a socket: nothing is sent before somebody opens one. */
const asked = (id: string): ExampleStep => ({
  method: 'PUT',
  path: `Subscription/${id}`,
  body: {
    resourceType: 'Subscription',
    id,
    status: 'requested',
    reason: 'Arbeidslisten viser nye oppgaver med en gang.',
    criteria: 'http://fylgje.no/fhir/SubscriptionTopic/task-changes',
    _criteria: {
      extension: [
        { url: `${BACKPORT}/backport-filter-criteria`, valueString: 'Task?owner=CareTeam/demo-responssenter' },
      ],
    },
    channel: {
      type: 'websocket',
      payload: 'application/fhir+json',
      _payload: { extension: [{ url: `${BACKPORT}/backport-payload-content`, valueCode: 'id-only' }] },
    },
  },
})

const TOPIC = { name: 'topic', valueCanonical: 'http://fylgje.no/fhir/SubscriptionTopic/task-changes' }

export const SUBSCRIPTION_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'Subscription-status': [
    {
      title: 'What a Subscription has come to, and how many events it has had',
      before: [asked('example-status')],
      request: { method: 'GET', path: 'Subscription/example-status/$status' },
      response: {
        status: 200,
        body: {
          resourceType: 'Bundle',
          type: 'searchset',
          entry: [
            {
              resource: { resourceType: 'Parameters', parameter: [TOPIC, { name: 'type', valueCode: 'query-status' }] },
            },
          ],
        },
      },
    },
  ],
  'Subscription-get-ws-binding-token': [
    {
      title: 'A token for a browser, which opens the socket with it',
      before: [asked('example-socket')],
      request: { method: 'GET', path: 'Subscription/example-socket/$get-ws-binding-token' },
      response: {
        status: 200,
        body: {
          resourceType: 'Parameters',
          parameter: [
            { name: 'token', valueString: '…' },
            { name: 'expiration', valueDateTime: '…' },
            { name: 'subscription', valueString: 'example-socket' },
            { name: 'websocket-url', valueUrl: '…' },
          ],
        },
      },
    },
  ],
  'Subscription-events': [
    {
      title: 'What was told, from the first event on',
      before: [asked('example-events')],
      request: { method: 'GET', path: 'Subscription/example-events/$events?eventsSinceNumber=1' },
      response: {
        status: 200,
        body: {
          resourceType: 'Bundle',
          type: 'history',
          entry: [
            {
              resource: { resourceType: 'Parameters', parameter: [TOPIC, { name: 'type', valueCode: 'query-event' }] },
              request: { method: 'GET', url: '…' },
            },
          ],
        },
      },
    },
  ],
}
