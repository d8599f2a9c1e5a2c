import type { FhirClient } from '../../fhir/client.ts'
import { Refused, SessionOver, Unreachable } from '../../fhir/failure.ts'
import type { Vault } from '../kept/vault.ts'
import {
  type Entry,
  ifNoneExist,
  isPassing,
  nextOfPictures,
  nextToSend,
  type PhoneVerdict,
  type Saving,
  toEntries,
} from './entry.ts'

/** How it stands with sending: whether the server could be reached when it was last asked for anything. */
export type Sending = { entries: readonly Entry[]; isReached: boolean | undefined; isOver: boolean }

const PREFIX = 'outbox.'
const nameOf = ({ id }: Pick<Entry, 'id'>) => PREFIX + id
const LOCK = 'fylgje-outbox'
const CHANNEL = 'fylgje-outbox'
/** Nobody tells a phone for certain that the net is back: it is tried, soon at first, and then now and again. */
const TRY_MILLIS = { first: 1_000, max: 15_000, factor: 2 }

export type Outbox = {
  current(): Sending
  subscribe(listener: () => void): () => void
  /** It is on the disk when this is done, and sent as soon as that can be. What is there already stays as it is. */
  add(made: readonly Saving[]): Promise<Entry[]>
  /** How the plan judged an entry here; of one that is gone meanwhile nothing is written. */
  judged(id: string, verdict: PhoneVerdict): Promise<void>
  /** Sends what waits, in order, pictures last, each once; another window that does so already is left to it. */
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
  /** Sending and judging change different parts of one entry at once: neither may undo the other. */
  const change = (id: string, changes: Partial<Entry>): Promise<void> =>
    navigator.locks.request(`${LOCK}-${id}`, async () => {
      const entry = await vault.read<Entry>(nameOf({ id }))
      if (entry) await write([{ ...entry, ...changes }])
    })
  /** Ids that are being written, or are. */
  const taken = new Set<string>()
  /** By id; a session that is over is nobody's fault. */
  const failures = new Map<string, number>()
  const hasFailed = ({ id }: Entry) => void failures.set(id, (failures.get(id) ?? 0) + 1)
  const waiting = () => sending.entries.filter(({ state }) => state === 'waiting')

  /** @returns whether the next may be tried */
  const send = async (entry: Entry): Promise<boolean> => {
    try {
      const { id } = await fhir.create(entry.resource, ifNoneExist(entry))
      await change(entry.id, { state: 'sent', sentAt: new Date().toISOString(), ...(id ? { storedAs: id } : {}) })
      become({ isReached: true, isOver: false })
      return true
    } catch (error) {
      if (error instanceof SessionOver) become({ isReached: true, isOver: true })
      else if (error instanceof Unreachable) {
        hasFailed(entry)
        become({ isReached: false })
      } else if (error instanceof Refused) {
        become({ isReached: true, isOver: false })
        if (isPassing(error.status)) {
          hasFailed(entry)
          return false
        }
        const { status, issues } = error
        await change(entry.id, { state: 'refused', refusal: { status, issues, at: new Date().toISOString() } })
        return true
      } else throw error
      return false
    }
  }

  let wait = TRY_MILLIS.first
  let timer: ReturnType<typeof setTimeout> | undefined
  const again = () => {
    timer = undefined
    void flush()
  }
  /**
   * What has failed is tried again, each time later. What another queue or window is at, such as a picture on its way, is only looked after, in
   * case it never comes to an end: that makes nothing else wait longer.
   */
  const tryLater = (hasFailed: boolean) => {
    if (waiting().length === 0 || hasFailed) {
      clearTimeout(timer)
      timer = undefined
    }
    if (waiting().length === 0) return
    timer ??= setTimeout(again, hasFailed ? wait : TRY_MILLIS.max)
    if (hasFailed) wait = Math.min(TRY_MILLIS.max, wait * TRY_MILLIS.factor)
  }

  /** In two queues: what is saved while a picture is on its way does not wait for it. */
  const flush = async () => {
    await sendAll(LOCK, nextToSend)
    await sendAll(`${LOCK}-pictures`, nextOfPictures)
  }
  const sendAll = (name: string, nextOf: typeof nextToSend) =>
    navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (!lock) return tryLater(false)
      // Another window may have sent some since.
      await reread()
      let sentCount = 0
      let hasFailed = false
      const next = () => nextOf(sending.entries, failures)
      for (let entry = next(); entry; entry = next()) {
        hasFailed = !(await send(entry))
        if (hasFailed) break
        wait = TRY_MILLIS.first
        sentCount++
      }
      if (sentCount > 0) onSent()
      tryLater(hasFailed)
    })

  const tryAgain = () => {
    wait = TRY_MILLIS.first
    if (waiting().length > 0) void flush()
  }
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
    async judged(id, verdict) {
      await change(id, { verdict })
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
      clearTimeout(timer)
      removeEventListener('online', tryAgain)
      document.removeEventListener('visibilitychange', onVisible)
      others.close()
      listeners.clear()
    },
  }
}
