import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Unreachable } from '../../fhir/failure.ts'
import type { Vault } from '../kept/vault.ts'
import type { Saving } from './entry.ts'
import { type Outbox, openOutbox } from './outbox.ts'

/** What of a browser the outbox stands on, as far as it is used here. */
const PAGE = { addEventListener() {}, removeEventListener() {}, visibilityState: 'visible' }
/** The channel would keep the run alive. */
class Silent {
  onmessage = null
  postMessage() {}
  close() {}
}
const held = new Set<string>()
const locks = {
  async request(name: string, ...rest: unknown[]) {
    const work = rest.at(-1) as (lock: object | null) => Promise<unknown>
    if (held.has(name)) return work(null)
    held.add(name)
    return Promise.resolve(work({})).finally(() => held.delete(name))
  },
}
const STAND_INS = {
  ...{ document: PAGE, addEventListener() {}, removeEventListener() {} },
  ...{ BroadcastChannel: Silent, navigator: { locks } },
}
const before = Object.fromEntries(
  Object.keys(STAND_INS).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
)
let outbox: Outbox | undefined
beforeEach(() => {
  for (const [name, value] of Object.entries(STAND_INS))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
})
afterEach(() => {
  outbox?.forget()
  held.clear()
  for (const [name, own] of Object.entries(before))
    if (own) Object.defineProperty(globalThis, name, own)
    else Reflect.deleteProperty(globalThis, name)
})

/** In memory. */
function openVault(): Vault {
  const kept = new Map<string, unknown>()
  return {
    read: async (name: string) => kept.get(name),
    readAll: async (prefix: string) => [...kept].filter(([name]) => name.startsWith(prefix)),
    write: async (values: Record<string, unknown>) => {
      for (const [name, value] of Object.entries(values))
        if (value === undefined) kept.delete(name)
        else kept.set(name, value)
    },
  } as unknown as Vault
}

test('while a picture is on its way nothing else waits longer for it, however often it is looked', async () => {
  const waits: number[] = []
  const own = globalThis.setTimeout
  const recorded = (_work: () => void, millis = 0) => {
    waits.push(millis)
    return own(() => {}, 0)
  }
  Object.defineProperty(globalThis, 'setTimeout', { value: recorded, configurable: true, writable: true })
  try {
    const asked = Promise.withResolvers<void>()
    const pictureSent = Promise.withResolvers<void>()
    const create = async (resource: { resourceType: string }) => {
      if (resource.resourceType !== 'Media') throw new Unreachable('No net.')
      asked.resolve()
      await pictureSent.promise
      return { ...resource, id: '7' }
    }
    outbox = await openOutbox({ vault: openVault(), fhir: { create } as never, onSent() {} })
    await outbox.add([{ id: 'media', resource: { resourceType: 'Media', status: 'completed', content: {} } }])
    await asked.promise
    for (let i = 0; i < 5; i++) await outbox.flush()
    const longest = 15_000
    expect(new Set(waits)).toEqual(new Set([longest]))
    await outbox.add([{ id: 'spo2', resource: { resourceType: 'Observation', status: 'final', code: {} } }])
    await outbox.flush()
    await outbox.flush()
    // What has failed itself is tried soon, and then later.
    expect(waits.filter((one) => one !== longest).slice(0, 2)).toEqual([1_000, 2_000])
    pictureSent.resolve()
  } finally {
    Object.defineProperty(globalThis, 'setTimeout', { value: own, configurable: true, writable: true })
  }
})

test('what is measured while a picture is on its way is sent beside it', async () => {
  const picture: Saving = {
    id: 'media',
    resource: { resourceType: 'Media', status: 'completed', content: { data: 'AAAA' } },
  }
  const measured: Saving = { id: 'spo2', resource: { resourceType: 'Observation', status: 'final', code: {} } }
  const asked = { Media: Promise.withResolvers<void>(), Observation: Promise.withResolvers<void>() }
  const pictureSent = Promise.withResolvers<void>()
  const create = async (resource: { resourceType: string }) => {
    asked[resource.resourceType as keyof typeof asked].resolve()
    if (resource.resourceType === 'Media') await pictureSent.promise
    return { ...resource, id: '7' }
  }
  outbox = await openOutbox({ vault: openVault(), fhir: { create } as never, onSent() {} })
  await outbox.add([picture])
  await asked.Media.promise
  await outbox.add([measured])
  await asked.Observation.promise
  const stateOf = (id: string) => outbox?.current().entries.find((entry) => entry.id === id)?.state
  await new Promise<void>((resolve) => {
    const look = () => stateOf('spo2') === 'sent' && resolve()
    outbox?.subscribe(look)
    look()
  })
  expect(stateOf('media')).toBe('waiting')
  pictureSent.resolve()
})
