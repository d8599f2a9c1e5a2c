import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { keepPush } from './push.ts'

const KEY = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)])
const ENDPOINT = 'https://push.example.org/1'
const NAMES = ['navigator', 'PushManager', 'Notification'] as const
const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)

beforeEach(() => {
  const subscription = {
    options: { applicationServerKey: new Uint8Array(KEY).buffer },
    toJSON: () => ({ endpoint: ENDPOINT, keys: { p256dh: 'p', auth: 'a' } }),
  }
  const ready = Promise.resolve({ pushManager: { getSubscription: async () => subscription } })
  const values = [{ serviceWorker: { ready } }, class {}, { permission: 'granted' }]
  for (const [i, name] of NAMES.entries())
    Object.defineProperty(globalThis, name, { value: values[i], configurable: true })
})
afterEach(() => {
  for (const [name, descriptor] of before) {
    if (descriptor) Object.defineProperty(globalThis, name, descriptor)
    else Reflect.deleteProperty(globalThis, name)
  }
})

test.each([
  [true, 2],
  [false, 0],
])(
  'wanted: %s; opened twice, for the sign-in may be another, the server is told %s times of the same phone',
  async (isOn, times) => {
    const told: unknown[] = []
    const operation = async (path: string) => {
      if (path.endsWith('$push-key')) {
        const parameter = [
          { name: 'contact', valueString: 'mailto:drift@example.org' },
          { name: 'key', valueString: KEY.toString('base64url') },
        ]
        return { parameter }
      }
      told.push(path)
      return {}
    }
    const kept = new Map<string, unknown>([['reminding', { isOn }]])
    const vault = {
      read: async (name: string) => kept.get(name),
      write: async (values: object) => {
        for (const [name, value] of Object.entries(values)) kept.set(name, value)
      },
    }
    const to = { fhir: { operation }, vault, patient: 'line', language: 'nb' } as unknown as Parameters<
      typeof keepPush
    >[0]
    await keepPush(to)
    await keepPush(to)
    expect(told).toEqual(Array(times).fill('Patient/line/$push-subscribe'))
  },
)
