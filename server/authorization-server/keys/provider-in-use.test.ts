import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type Provider from 'oidc-provider'
import type { AuthorizationKeys } from './keys.ts'
import { followKeys, type ProviderInUse } from './provider-in-use.ts'

const NOW = new Date('2026-11-10T08:00:00Z')
const keysOf = (kid: string, seconds?: number): AuthorizationKeys => ({
  signing: [{ kty: 'EC', kid }],
  cookie: ['secret'],
  validUntil: seconds === undefined ? undefined : new Date(NOW.getTime() + seconds * 1000),
})

let inUse: ProviderInUse | undefined
const made: string[] = []
const make = ({ signing }: AuthorizationKeys) => {
  made.push(String(signing[0]?.kid))
  return { callback: () => async () => {} } as unknown as Provider
}

beforeEach(() => {
  jest.useFakeTimers({ now: NOW })
  made.length = 0
})
afterEach(() => {
  inUse?.close()
  jest.useRealTimers()
})

test('the provider is made anew when the next key begins to sign, and not before', async () => {
  const answers = [keysOf('first', 60), keysOf('second')]
  inUse = await followKeys(
    async () => answers.shift() as AuthorizationKeys,
    make,
    () => {},
  )
  await jest.advanceTimersByTimeAsync(59_000)
  expect(made).toEqual(['first'])
  await jest.advanceTimersByTimeAsync(2_000)
  expect(made).toEqual(['first', 'second'])
})

test('a database that is away is asked again every few seconds until it answers, and the keys until now go on', async () => {
  let isAway = false
  let keys = keysOf('first', 60)
  const read = jest.fn(async () => {
    if (isAway) throw new Error('away')
    return keys
  })
  const onFault = jest.fn()
  inUse = await followKeys(read, make, onFault)
  isAway = true
  await jest.advanceTimersByTimeAsync(90_000)
  expect(onFault.mock.calls.length).toBeGreaterThan(2)
  expect(onFault.mock.calls.length).toBeLessThan(10)
  expect(made).toEqual(['first'])
  isAway = false
  keys = keysOf('second')
  await jest.advanceTimersByTimeAsync(6_000)
  expect(made).toEqual(['first', 'second'])
})
