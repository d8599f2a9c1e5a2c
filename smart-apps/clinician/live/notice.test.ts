import { expect, test } from '@jest/globals'
import { readNotice } from './notice.ts'

const notice = (type: string, status = 'active') =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'history',
    entry: [
      {
        resource: {
          resourceType: 'Parameters',
          parameter: [
            { name: 'subscription', valueReference: { reference: 'http://localhost/fhir/Subscription/a.7' } },
            { name: 'status', valueCode: status },
            { name: 'type', valueCode: type },
          ],
        },
      },
    ],
  })

test.each([
  [notice('handshake'), { subscription: 'a.7', type: 'handshake', isOver: false }],
  [notice('event-notification', 'requested'), { subscription: 'a.7', type: 'event-notification', isOver: false }],
  [notice('heartbeat', 'off'), { subscription: 'a.7', type: 'heartbeat', isOver: true }],
  [notice('heartbeat', 'error'), { subscription: 'a.7', type: 'heartbeat', isOver: true }],
  ['The Subscription was deleted.', undefined],
  ['{"resourceType":"Bundle"}', undefined],
  ['null', undefined],
])('%s', (text, read) => expect(readNotice(text)).toEqual(read))
