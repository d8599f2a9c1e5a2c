/**
 * What the app keeps on the phone, unreadable to whoever gets at its files: each value is encrypted (AES-GCM, a new nonce each time) by a key
 * that the browser holds and gives out to nobody, not to this app either. With the key gone, as after `wipe`, the rest is noise.
 */
export type Vault = {
  read<T>(name: string): Promise<T | undefined>
  /** All of them or none. @param values by their names; one that is undefined is removed */
  write(values: Readonly<Record<string, unknown>>): Promise<void>
  /** What is kept under names that begin so, in the order of the names. */
  readAll<T>(prefix: string): Promise<[name: string, value: T][]>
  /** Everything, and the key first. */
  wipe(): Promise<void>
  /** The database is let go of. What is read after it is not there, and what is written is not kept. */
  close(): void
}

const DATABASE = 'fylgje-me'
const KEYS = 'keys'
const KEPT = 'kept'
const KEY_NAME = 'aes'
const CHANNEL = 'fylgje-vault'
const NONCE_BYTES = 12

type Sealed = { nonce: Uint8Array<ArrayBuffer>; bytes: ArrayBuffer }

/**
 * @param onGone another window has wiped it, or wants the database for itself: what is written here would be noise, or kept nowhere
 * @throws DOMException where the browser lets nothing be kept, such as in some private windows
 */
export async function openVault(onGone: () => void): Promise<Vault> {
  // Else the browser may clear what waits to be sent when the phone is full; one that will not promise it opens all the same.
  void navigator.storage?.persist?.().catch(() => false)
  const database = await openDatabase()
  let key = await keyIn(database)
  /** What was begun before a wipe is not written after it. */
  let wipeCount = 0
  const others = new BroadcastChannel(CHANNEL)
  let isWipedElsewhere = false
  let isClosed = false
  const close = () => {
    isClosed = true
    others.close()
    database.close()
  }
  // Else whoever wants to clear it, or a newer version of this app in another window, waits for this one for ever.
  database.onversionchange = () => {
    close()
    onGone()
  }
  others.onmessage = () => {
    isWipedElsewhere = true
    onGone()
  }

  const seal = async (value: unknown): Promise<Sealed> => {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
    const text = new TextEncoder().encode(JSON.stringify(value))
    return { nonce, bytes: await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, text) }
  }
  /** What another key has sealed, such as before a wipe in another window, is nothing to anybody. */
  const unseal = async <T>({ nonce, bytes }: Sealed): Promise<T | undefined> => {
    const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce }, key, bytes).catch(() => undefined)
    return text && (JSON.parse(new TextDecoder().decode(text)) as T)
  }

  return {
    close,
    async read<T>(name: string) {
      if (isClosed) return undefined
      const sealed = await answerOf<Sealed | undefined>(database.transaction(KEPT).objectStore(KEPT).get(name))
      return sealed && unseal<T>(sealed)
    },
    async write(values) {
      const before = wipeCount
      // Before the transaction: one that waits for something else than itself is over.
      const sealed = await Promise.all(
        Object.entries(values).map(
          async ([name, value]) => [name, value === undefined ? undefined : await seal(value)] as const,
        ),
      )
      if (before !== wipeCount || isWipedElsewhere || isClosed) return
      const transaction = database.transaction(KEPT, 'readwrite', { durability: 'strict' })
      const store = transaction.objectStore(KEPT)
      for (const [name, value] of sealed) {
        if (value) store.put(value, name)
        else store.delete(name)
      }
      await ended(transaction)
    },
    async readAll<T>(prefix: string) {
      if (isClosed) return []
      const store = database.transaction(KEPT).objectStore(KEPT)
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`)
      const [names, values] = await Promise.all([
        answerOf(store.getAllKeys(range)),
        answerOf<Sealed[]>(store.getAll(range)),
      ])
      const found = await Promise.all(values.map((value) => unseal<T>(value)))
      return names.flatMap((name, i): [string, T][] => {
        const value = found[i]
        return value === undefined ? [] : [[String(name), value]]
      })
    },
    async wipe() {
      if (isClosed) return
      wipeCount++
      const transaction = database.transaction([KEYS, KEPT], 'readwrite', { durability: 'strict' })
      transaction.objectStore(KEYS).clear()
      transaction.objectStore(KEPT).clear()
      await ended(transaction)
      others.postMessage('wiped')
      key = await keyIn(database)
    },
  }
}

async function keyIn(database: IDBDatabase): Promise<CryptoKey> {
  const found = await answerOf<CryptoKey | undefined>(database.transaction(KEYS).objectStore(KEYS).get(KEY_NAME))
  if (found) return found
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const transaction = database.transaction(KEYS, 'readwrite', { durability: 'strict' })
  const store = transaction.objectStore(KEYS)
  // Another window may have made one meanwhile: the first is everybody's.
  const first = await answerOf<CryptoKey | undefined>(store.get(KEY_NAME))
  if (!first) store.put(made, KEY_NAME)
  await ended(transaction)
  return first ?? made
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(KEYS)
    request.result.createObjectStore(KEPT)
  }
  return answerOf(request)
}

const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const ended = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = transaction.onerror = () => reject(transaction.error)
  })
