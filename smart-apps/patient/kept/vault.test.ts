import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openVault, type Vault } from './vault.ts'

/** As much of IndexedDB as the vault stands on: what it answers comes later, and a database that was closed answers nothing. */
function databaseInMemory() {
  const stores = new Map<string, Map<string, unknown>>()
  const open = new Set<object>()
  const answering = (result: unknown) => {
    const request = { result, onsuccess: undefined as (() => void) | undefined }
    queueMicrotask(() => request.onsuccess?.())
    return request
  }
  type Range = { lower: string; upper: string }
  const storeOf = (name: string) => {
    const values = stores.get(name) as Map<string, unknown>
    const within = ({ lower, upper }: Range) => [...values].filter(([key]) => key >= lower && key <= upper).sort()
    return {
      get: (key: string) => answering(values.get(key)),
      put: (value: unknown, key: string) => void values.set(key, value),
      delete: (key: string) => void values.delete(key),
      clear: () => values.clear(),
      getAll: (range: Range) => answering(within(range).map(([, value]) => value)),
      getAllKeys: (range: Range) => answering(within(range).map(([key]) => key)),
    }
  }
  const openDatabase = () => {
    const database = {
      onversionchange: undefined as (() => void) | undefined,
      createObjectStore: (name: string) => void stores.set(name, new Map()),
      close: () => void open.delete(database),
      transaction: () => {
        if (!open.has(database)) throw new DOMException('It is closed.', 'InvalidStateError')
        return {
          objectStore: storeOf,
          set oncomplete(isOver: () => void) {
            queueMicrotask(isOver)
          },
        }
      },
    }
    open.add(database)
    const request = {
      ...{ result: database, onsuccess: undefined as (() => void) | undefined },
      onupgradeneeded: undefined as (() => void) | undefined,
    }
    queueMicrotask(() => {
      if (stores.size === 0) request.onupgradeneeded?.()
      request.onsuccess?.()
    })
    return request
  }
  return { stores, open, indexedDB: { open: openDatabase } }
}

/** The channel would keep the run alive. @property all that are open, by which the windows of a phone hear of each other */
class Channel {
  static all = new Set<Channel>()
  onmessage: (() => void) | undefined
  constructor() {
    Channel.all.add(this)
  }
  postMessage() {
    for (const one of Channel.all) if (one !== this) one.onmessage?.()
  }
  close() {
    Channel.all.delete(this)
  }
}

let memory: ReturnType<typeof databaseInMemory>
const NAMES = ['indexedDB', 'IDBKeyRange', 'BroadcastChannel'] as const
const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)
beforeEach(() => {
  memory = databaseInMemory()
  Channel.all.clear()
  const bound = (lower: string, upper: string) => ({ lower, upper })
  for (const [i, value] of [memory.indexedDB, { bound }, Channel].entries())
    Object.defineProperty(globalThis, NAMES[i] as string, { value, configurable: true, writable: true })
})
afterEach(() => {
  for (const [name, own] of before)
    if (own) Object.defineProperty(globalThis, name, own)
    else Reflect.deleteProperty(globalThis, name)
})

const readBy = (vault: Vault) => vault.read<string>('session')

test('what is kept is read again, also when it is opened anew, and lies there sealed', async () => {
  const vault = await openVault(() => {})
  await vault.write({ session: 'Line', 'outbox.1': 'a', 'outbox.2': 'b' })
  expect(await readBy(await openVault(() => {}))).toBe('Line')
  expect(await vault.readAll('outbox.')).toEqual([
    ['outbox.1', 'a'],
    ['outbox.2', 'b'],
  ])
  const sealed = memory.stores.get('kept')?.get('session') as { bytes: ArrayBuffer } | undefined
  expect(sealed?.bytes.byteLength).toBeGreaterThan(0)
  expect(Buffer.from(sealed?.bytes ?? new ArrayBuffer(0)).includes('Line')).toBe(false)
  expect([...(memory.stores.get('keys')?.values() ?? [])]).toMatchObject([{ extractable: false }])
})

test('after a wipe nothing is there, and another window is told and writes no more', async () => {
  const told: string[] = []
  const vault = await openVault(() => told.push('here'))
  const elsewhere = await openVault(() => told.push('elsewhere'))
  await vault.write({ session: 'Line' })
  await vault.wipe()
  expect([told, await readBy(vault)]).toEqual([['elsewhere'], undefined])
  await elsewhere.write({ session: 'Line' })
  expect(memory.stores.get('kept')?.size).toBe(0)
})

test('one that was closed holds no database open, gives nothing out, and keeps nothing of what comes late', async () => {
  const vault = await openVault(() => {})
  await vault.write({ session: 'Line' })
  expect(memory.open.size).toBe(1)
  vault.close()
  expect([memory.open.size, Channel.all.size]).toEqual([0, 0])
  await vault.write({ session: 'Late' })
  expect([await readBy(vault), await vault.readAll('')]).toEqual([undefined, []])
  await expect(vault.wipe()).resolves.toBeUndefined()
  expect(await readBy(await openVault(() => {}))).toBe('Line')
})

test('what is being sealed when it is closed is not written', async () => {
  const vault = await openVault(() => {})
  const writing = vault.write({ session: 'Line' })
  vault.close()
  await writing
  expect(memory.stores.get('kept')?.size).toBe(0)
})

test('another window that wants the database for itself is not held up, and this one is told', async () => {
  let toldCount = 0
  await openVault(() => toldCount++)
  for (const one of memory.open) (one as { onversionchange?: () => void }).onversionchange?.()
  expect([memory.open.size, toldCount]).toEqual([0, 1])
})
