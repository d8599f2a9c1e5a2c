import type { Exchange, Rooms } from '../exchange.ts'
import { setLimits } from './set-limits.ts'

/** @returns how it was refused, or that it came to the store */
async function set(versionId?: string) {
  const rooms = { store: { transact: () => Promise.reject(new Error('the store is asked')) } } as unknown as Rooms
  const parameter = [
    { name: 'goal', resource: { resourceType: 'Goal' } },
    { name: 'reason', valueString: 'Vant til 88 %' },
    ...(versionId === undefined ? [] : [{ name: 'versionId', valueString: versionId }]),
  ]
  const body = { resourceType: 'Parameters', parameter }
  const exchange = { id: 'c', headers: {}, query: new URLSearchParams(), body } as unknown as Exchange
  return setLimits.handler(exchange, rooms).catch((error: unknown) => error)
}

test.each([undefined, '1', '30'])('versionId %s comes to the store', async (versionId) =>
  expect(await set(versionId)).toEqual(new Error('the store is asked')),
)

test.each(['W/"3"', 'abc', '0', '03', '-1', '3.0', '1e3'])(
  'versionId %s guards nothing, and is refused',
  async (versionId) =>
    expect(await set(versionId)).toMatchObject({ issues: [{ code: 'value', expression: ['versionId'] }] }),
)
