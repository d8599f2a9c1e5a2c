import type { Access } from '../access/access.ts'
import { isThemself } from '../access/themself.ts'
import { LANGUAGES } from '../core/decide/words/language.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { readGiven } from './given-parameters.ts'
import { oneOf } from './one-of.ts'
import type { Operation, Parameter } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

const OURS = { letter: 'r', isOwn: true } as const
const ENDPOINT: Parameter = {
  ...{ name: 'endpoint', type: 'uri', min: 1, max: '1' },
  documentation: 'Where the device is reached, as its browser told it.',
}

/** Patient/$push-key: by which key this server is known to push services. */
export const pushKey: Operation = {
  ...OURS,
  code: 'push-key',
  title: 'Key for push notices',
  description: 'The public key (VAPID, RFC 8292) with which a browser subscribes to push notices of this server.',
  resource: ['Patient'],
  on: ['type'],
  in: [],
  out: [
    {
      ...{ name: 'key', type: 'string', min: 1, max: '1' },
      documentation: 'An uncompressed point of P-256, in base64url.',
    },
  ],
  async handler(exchange, rooms) {
    readGiven(exchange, pushKey)
    return parametersReply([{ name: 'key', valueString: await rooms.pushSubscriptions.publicKey() }])
  },
}

/**
 * Patient/{id}/$push-subscribe: a device of the patient is told when there is something to do, and no more than that, for as long as the
 * sign-in lasts by which it was asked. The same device again changes what was said before.
 * @throws Refusal not-found (somebody else's record; next of kin; a system), value
 */
export const pushSubscribe: Operation = {
  ...OURS,
  code: 'push-subscribe',
  title: 'Push notices to a device',
  description:
    'A device of the patient is told by Web Push when there is something to do, and no more than that. It ends with the sign-in by which it was asked.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  in: [
    ENDPOINT,
    { name: 'p256dh', type: 'string', min: 1, max: '1', documentation: 'The key of the device, in base64url.' },
    { name: 'auth', type: 'string', min: 1, max: '1', documentation: 'The secret of the device, in base64url.' },
    {
      ...{ name: 'language', type: 'code', min: 0, max: '1' },
      documentation: `Of the notice: ${LANGUAGES.join(', ')}; nb if it is left out.`,
    },
    {
      ...{ name: 'quietFrom', type: 'time', min: 0, max: '1' },
      documentation: 'From when on in the Norwegian day nobody is disturbed, such as 22:00; with quietUntil.',
    },
    {
      ...{ name: 'quietUntil', type: 'time', min: 0, max: '1' },
      documentation: 'Until when; what came meanwhile is told then.',
    },
  ],
  out: [{ name: 'endpoint', type: 'uri', min: 1, max: '1', documentation: 'The device that is told.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, pushSubscribe)
    mustBeThemself(exchange)
    const language = oneOf(given.text('language') ?? 'nb', 'language', LANGUAGES)
    const endpoint = given.text('endpoint') ?? ''
    await rooms.pushSubscriptions.subscribe(exchange.access, exchange.id, {
      ...{ endpoint, p256dh: given.text('p256dh') ?? '', auth: given.text('auth') ?? '', language },
      ...{ quietFrom: given.text('quietFrom'), quietUntil: given.text('quietUntil') },
    })
    return parametersReply([{ name: 'endpoint', valueUri: endpoint }])
  },
}

/** Patient/{id}/$push-unsubscribe: a device is told no more. @throws Refusal not-found */
export const pushUnsubscribe: Operation = {
  ...OURS,
  code: 'push-unsubscribe',
  title: 'No more push notices',
  description: 'A device of the patient is not told any more; one that was not told before is none the less.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  in: [ENDPOINT],
  out: [{ name: 'endpoint', type: 'uri', min: 1, max: '1', documentation: 'The device that is not told any more.' }],
  async handler(exchange, rooms) {
    const endpoint = readGiven(exchange, pushUnsubscribe).text('endpoint') ?? ''
    mustBeThemself(exchange)
    await rooms.pushSubscriptions.unsubscribe(exchange.id, endpoint)
    return parametersReply([{ name: 'endpoint', valueUri: endpoint }])
  },
}

/** @throws Refusal not-found */
function mustBeThemself({ access, id }: { access: Access; id: string }): void {
  if (!isThemself(access, id)) throw refuse('not-found', `There is no Patient/${id} of whoever has signed in.`)
}
