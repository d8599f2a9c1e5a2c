import type { FhirClient } from '../../fhir/client.ts'
import { Refused, SessionOver, Unreachable } from '../../fhir/failure.ts'
import type { Vault } from '../kept/vault.ts'
import { type Entry, ifNoneExist, isPassing, type Saving, toEntries } from './entry.ts'

/** How it stands with sending: whether the server could be reached when it was last asked for anything. */
export type Sending = { entries: readonly Entry[]; isReached: boolean | undefined; isOver: boolean }

const PREFIX = 'outbox.'
const nameOf = ({ id }: Pick<Entry, 'id'>) => PREFIX + id
const LOCK = 'fylgje-outbox'
const CHANNEL = 'fylgje-outbox'
/** Nobody tells a phone for certain that the net is back: it is tried. */
const TRY_MILLIS = 15_000

export type Outbox = {
  current(): Sending
  subscribe(listener: () => void): () => void
  /** It is on the disk when this is done, and sent as soon as that can be. What is there already stays as it is. */
  add(made: readonly Saving[]): Promise<Entry[]>
  /** Sends what waits, in order, each once; another window that does so already is left to it. */
  flush(): Promise<void>
  /** What was refused has been seen, or what was sent has come back in the record. */
  remove(ids: ReadonlySet<string>): Promise<void>
  /** Something else of the app has heard of the server, or has not. */
  heard(isReached: boolean): void
  /** Nothing is kept, or tried, any more. */
  forget(): void
}

type Rooms = { vault: Vault; fhir: Pick<FhirClient, 'create'>; onSent: () => void }

/** What waits to be sent, kept through crashes, reloads and days without a net. */
export async function openOutbox({ vault, fhir, onSent }: Rooms): Promise<Outbox> {
  let sending: Sending = { entries: await read(), isReached: undefined, isOver: false }
  const listeners = new Set<() => void>()
  const others = new BroadcastChannel(CHANNEL)
  const become = (changes: Partial<Sending>) => {
    sending = { ...sending, ...changes }
    for (const listener of listeners) listener()
  }
  async function read(): Promise<Entry[]> {
    const entries = (await vault.readAll<Entry>(PREFIX)).map(([, entry]) => entry)
    return entries.sort((one, other) => one.savedAt.localeCompare(other.savedAt))
  }
  const reread = async () => become({ entries: await read() })
  others.onmessage = () => void reread()
  const write = async (entries: readonly Entry[]) => {
    await vault.write(Object.fromEntries(entries.map((entry) => [nameOf(entry), entry])))
    await reread()
    others.postMessage('changed')
  }
  /** Ids that are being written, or are. */
  const taken = new Set<string>()
  const waiting = () => sending.entries.filter(({ state }) => state === 'waiting')

  /** @returns whether the next may be tried */
  const send = async (entry: Entry): Promise<boolean> => {
    try {
      const { id } = await fhir.create(entry.resource, ifNoneExist(entry))
      await write([{ ...entry, state: 'sent', sentAt: new Date().toISOString(), ...(id ? { storedAs: id } : {}) }])
      become({ isReached: true, isOver: false })
      return true
    } catch (error) {
      if (error instanceof SessionOver) become({ isReached: true, isOver: true })
      else if (error instanceof Unreachable) become({ isReached: false })
      else if (error instanceof Refused) {
        become({ isReached: true, isOver: false })
        if (isPassing(error.status)) return false
        const { status, issues } = error
        await write([{ ...entry, state: 'refused', refusal: { status, issues, at: new Date().toISOString() } }])
        return true
      } else throw error
      return false
    }
  }

  const flush = () =>
    navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
      if (!lock) return
      // Another window may have sent some since.
      await reread()
      let sentCount = 0
      for (let [next] = waiting(); next; [next] = waiting()) {
        if (!(await send(next))) break
        sentCount++
      }
      if (sentCount > 0) onSent()
    })

  const tryAgain = () => {
    if (waiting().length > 0) void flush()
  }
  const timer = setInterval(tryAgain, TRY_MILLIS)
  const onVisible = () => {
    if (document.visibilityState === 'visible') tryAgain()
  }
  addEventListener('online', tryAgain)
  document.addEventListener('visibilitychange', onVisible)
  tryAgain()

  return {
    current: () => sending,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async add(made) {
      // A second tap comes before the first has been written.
      const fresh = made.filter(({ id }) => !taken.has(id) && !sending.entries.some((entry) => entry.id === id))
      for (const { id } of fresh) taken.add(id)
      const entries = toEntries(fresh, new Date())
      try {
        if (entries.length > 0) await write(entries)
      } catch (error) {
        for (const { id } of fresh) taken.delete(id)
        throw error
      }
      void flush()
      return entries
    },
    flush,
    async remove(ids) {
      const gone = sending.entries.filter(({ id }) => ids.has(id))
      if (gone.length === 0) return
      await vault.write(Object.fromEntries(gone.map((entry) => [nameOf(entry), undefined])))
      await reread()
      others.postMessage('changed')
    },
    heard: (isReached) => {
      if (sending.isReached !== isReached) become({ isReached })
      if (isReached) tryAgain()
    },
    forget() {
      clearInterval(timer)
      removeEventListener('online', tryAgain)
      document.removeEventListener('visibilitychange', onVisible)
      others.close()
      listeners.clear()
    },
  }
}
