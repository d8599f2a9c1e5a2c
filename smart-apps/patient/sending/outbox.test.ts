import { afterEach, beforeEach, expect, test } from '@jest/globals'
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
