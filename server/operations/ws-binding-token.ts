import type { Subscription } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import { readGiven } from './given-parameters.ts'
import { type Operation, part } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/**
 * Subscription/$get-ws-binding-token and Subscription/{id}/$get-ws-binding-token: a word by which a socket is bound, once, within a minute.
 * @throws Refusal not-found, required (no Subscription named), business-rule (one that is not told by sockets)
 * @see https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-get-ws-binding-token.html
 */
export const wsBindingToken: Operation = {
  code: 'get-ws-binding-token',
  title: 'A token to open a socket with',
  description:
    'A browser opens the socket, and sends `bind-with-token` and the token. It works once, for a minute, for the Subscriptions named.',
  resource: ['Subscription'],
  on: ['type', 'instance'],
  letter: 'r',
  isOwn: true,
  in: [part('id', 'id', 'Which Subscriptions; where the path does not say it.', '*')],
  out: [
    { name: 'token', type: 'string', min: 1, max: '1', documentation: 'The token.' },
    { name: 'expiration', type: 'dateTime', min: 1, max: '1', documentation: 'Until when it works.' },
    { name: 'subscription', type: 'string', min: 1, max: '*', documentation: 'Id of a Subscription that it binds.' },
    { name: 'websocket-url', type: 'uri', min: 1, max: '1', documentation: 'Where the socket is opened.' },
  ],
  async handler(exchange, rooms) {
    const { access, id } = exchange
    const given = readGiven(exchange, wsBindingToken).texts('id')
    const ids = id === '' ? [...new Set(given)] : [id]
    if (ids.length === 0) throw refuse('required', 'Name the Subscriptions by the parameter id.', 'id')
    for (const one of ids) {
      const { text = '{}' } = await rooms.store.read(access, 'Subscription', one)
      if ((JSON.parse(text) as Subscription).channel.type !== 'websocket')
        throw refuse('business-rule', `Subscription/${one} is not told by a socket.`, 'id')
    }
    const { token, expiresAt, address } = await rooms.subscriptions.bind(access, ids)
    return parametersReply([
      { name: 'token', valueString: token },
      { name: 'expiration', valueDateTime: expiresAt.toISOString() },
      ...ids.map((one) => ({ name: 'subscription', valueString: one })),
      { name: 'websocket-url', valueUrl: address },
    ])
  },
}
