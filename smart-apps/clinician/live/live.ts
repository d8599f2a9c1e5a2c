import type { Parameters, Subscription } from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import { type Notice, readNotice } from './notice.ts'
import { type Criteria, HEARTBEAT_SECONDS, toSubscription } from './subscription.ts'

/** Without a socket it is looked so often, while the page is seen. */
export const POLL_MILLIS = 15_000
/** Measurements are read as a whole, which may be months of them: looked for so many times less often. */
const MEASURED_POLLS = 4
/** A socket that is soon there again is not worth a word. */
const GRACE_MILLIS = 4_000
const RETRY_MILLIS = { first: 1_000, max: 30_000 }
/** Whoever is refused is not let in by asking often. */
const REFUSED_MILLIS = 5 * 60_000
/** A server that has been silent for longer than two heartbeats is gone, whatever the network says. */
const SILENT_MILLIS = HEARTBEAT_SECONDS * 2_500
/** Whether it is silent is asked of the clock: a timer stands still while the machine sleeps, and a list of before must not pass for one of now. */
const LISTEN_MILLIS = 5_000
/** What happens at once is looked at once; what goes on happening, so often. */
const GATHER_MILLIS = 60
const LOOK_MILLIS_MIN = 1_000
/** Who comes back to a screen soon finds what it was told by still there. */
const LINGER_MILLIS = 30_000
const ACTIVE_WAITS_MILLIS = [40, 80, 160, 320, 640, 1_280, 2_560]

/** `live`: what changes is told. `polling`: it is looked for now and then. `connecting`: it will be told in a moment. */
export type LiveState = 'connecting' | 'live' | 'polling'

export type Live = {
  /**
   * Runs `look` when something of it has changed, or may have: once told, also after a gap; else every POLL_MILLIS.
   * @returns what ends it
   */
  watch(criteria: Criteria, look: () => void): () => void
  state(): LiveState
  /** Whether anything is watched. */
  isWatching(): boolean
  subscribe(listener: () => void): () => void
  /** Somebody has signed in anew, or the page is back: what rested on what was before is made again. */
  renew(): void
  /** The page goes away, perhaps to come back: nothing is told, and the server knows. */
  pause(): void
  /** Nobody is told any more: who was is signed out. */
  end(): void
}

/** As a WebSocket is. */
export type Socket = {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: (() => void) | null
  send(text: string): void
  close(): void
}

export type LiveNeeds = {
  fhir: Pick<FhirClient, 'create' | 'update' | 'read' | 'operation' | 'batch'>
  /** Whether we were granted to ask for Subscriptions at all. */
  mayAsk: () => boolean
  openSocket: (url: string) => Socket
  isHidden: () => boolean
  /** Runs it each time somebody sees the page again. */
  onSeen: (run: () => void) => void
}

type Watch = {
  criteria: Criteria
  looks: Set<() => void>
  /** Of its Subscription, once there is one. */
  id?: string
  isBound: boolean
  /** The server will not tell of this one, so it is looked for now and then, whatever is told of the others. */
  isRefused: boolean
  /** Something has happened that nobody has looked at, for nobody sees the page. */
  isBehind: boolean
  lookedAt: number
  looking?: ReturnType<typeof setTimeout> | undefined
  leaving?: ReturnType<typeof setTimeout> | undefined
}

const NEW_WATCH = { isBound: false, isRefused: false, isBehind: false, lookedAt: 0 }

/** The server will not have it, so there is nothing to hurry for. */
class NotToBeHad extends Error {}
const isRefusal = (error: unknown): boolean =>
  error instanceof NotToBeHad || (error instanceof Refused && error.status < 500)

/**
 * What changes on the server, told by one socket for the window, with a Subscription for each thing that is watched. A socket that is lost
 * is opened again, later each time; what came meanwhile is looked for then. Where none is to be had it is looked for now and then.
 */
export function createLive({ fhir, mayAsk, openSocket, isHidden, onSeen }: LiveNeeds): Live {
  const watches = new Map<string, Watch>()
  const listeners = new Set<() => void>()
  let state: LiveState = 'connecting'
  let socket: Socket | undefined
  let attempts = 0
  /** Raised by whatever makes an earlier attempt pointless. */
  let turn = 0
  let isConnecting = false
  let retry: ReturnType<typeof setTimeout> | undefined
  let grace: ReturnType<typeof setTimeout> | undefined
  let silence: ReturnType<typeof setInterval> | undefined
  let heardAt = 0
  let poll: ReturnType<typeof setInterval> | undefined
  let polls = 0
  /** Subscriptions of ours that we have ended: the socket says so of each, and that is no trouble. */
  let endedCount = 0
  /** It was to be connected while it was busy. */
  let isOwed = false

  const tell = () => {
    for (const listener of listeners) listener()
  }
  const become = (next: LiveState) => {
    if (next !== 'connecting') {
      clearTimeout(grace)
      grace = undefined
    }
    if (state === next) return
    state = next
    pollWhatIsNotTold()
    tell()
  }

  const isPolled = (watch: Watch) => state === 'polling' || watch.isRefused
  /** Looks at once at what is not told, and from then on now and then. */
  const pollWhatIsNotTold = () => {
    clearInterval(poll)
    if (![...watches.values()].some(isPolled)) return
    polls = 0
    const pollOnce = () => {
      for (const watch of watches.values()) {
        const isTurn = watch.criteria.topic !== 'measurements' || polls % MEASURED_POLLS === 0
        if (isPolled(watch) && isTurn) look(watch)
      }
      polls += 1
    }
    pollOnce()
    poll = setInterval(pollOnce, POLL_MILLIS)
  }

  const look = (watch: Watch) => {
    if (isHidden()) {
      watch.isBehind = true
      return
    }
    if (watch.looking !== undefined) return
    const wait = Math.max(GATHER_MILLIS, watch.lookedAt + LOOK_MILLIS_MIN - Date.now())
    watch.looking = setTimeout(() => {
      watch.looking = undefined
      watch.isBehind = false
      watch.lookedAt = Date.now()
      for (const one of watch.looks) one()
    }, wait)
  }
  /** @returns the id of a Subscription that is told of from now on */
  async function subscribed(watch: Watch): Promise<string> {
    const asked = toSubscription(watch.criteria, new Date(), watch.id)
    let stored: Subscription
    try {
      // The same one again, with the same name: so a window that has been cut off often leaves one behind, not many.
      stored = watch.id ? await fhir.update(asked as Subscription & { id: string }) : await fhir.create(asked)
    } catch (error) {
      if (!watch.id || !(error instanceof Refused)) throw error
      delete watch.id
      stored = await fhir.create(toSubscription(watch.criteria, new Date()))
    }
    const id = String(stored.id)
    watch.id = id
    // Nobody wants it any more by now.
    if (![...watches.values()].includes(watch)) forget([id])
    for (const wait of ACTIVE_WAITS_MILLIS) {
      if (stored.status === 'active') return id
      if (stored.status !== 'requested') throw new NotToBeHad(stored.error ?? stored.status)
      await new Promise((resolve) => setTimeout(resolve, wait))
      stored = await fhir.read('Subscription', id)
    }
    if (stored.status === 'active') return id
    throw new Error('It has not become active.')
  }

  /** @returns the ids of those that are told of from now on. @throws where none of them is, or the server is not reached */
  async function subscribedOf(asked: readonly Watch[]): Promise<string[]> {
    const answers = await Promise.allSettled(asked.map(subscribed))
    const failures = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    const serious = failures.find((one) => !isRefusal(one))
    if (serious !== undefined) throw serious
    const ids = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    if (ids.length === 0) throw failures[0]
    for (const [at, watch] of asked.entries()) watch.isRefused = answers[at]?.status === 'rejected'
    if (failures.length > 0) pollWhatIsNotTold()
    return ids
  }

  /** The word that binds a socket to these, and where it is opened. */
  async function bindingOf(ids: readonly string[]): Promise<{ token: string; url: string }> {
    const given = ids.map((id) => ({ name: 'id', valueId: id }))
    const { parameter = [] } = await fhir.operation<Parameters>('Subscription/$get-ws-binding-token', given)
    const find = (name: string) => parameter.find((one) => one.name === name)
    const [token, address] = [find('token')?.valueString, find('websocket-url')]
    const url = address?.valueUrl ?? address?.valueUri
    if (!token || !url) throw new NotToBeHad('no binding')
    return { token, url }
  }

  async function connect(): Promise<void> {
    clearTimeout(retry)
    isOwed = isConnecting
    if (watches.size === 0 || isConnecting || socket) return
    if (!mayAsk()) return become('polling')
    isConnecting = true
    turn += 1
    const mine = turn
    try {
      const asked = [...watches.values()]
      const { token, url } = await bindingOf(await subscribedOf(asked))
      if (mine === turn) open(url, token)
    } catch (error) {
      if (mine === turn) lost(error)
    } finally {
      isConnecting = false
    }
    if (mine === turn) await bindMore()
    else void connect()
  }

  function open(url: string, token: string): void {
    let own: Socket
    try {
      own = openSocket(url)
    } catch {
      return void lost(new NotToBeHad('no socket'))
    }
    socket = own
    endedCount = 0
    own.onopen = () => own.send(`bind-with-token ${token}`)
    own.onmessage = ({ data }) => socket === own && heard(readNotice(data))
    own.onclose = () => socket === own && lost()
    listenOn()
  }

  /** A network that swallows everything closes nothing. */
  const listenOn = () => {
    heardAt = Date.now()
    clearInterval(silence)
    silence = setInterval(dropIfSilent, LISTEN_MILLIS)
  }
  const dropIfSilent = () => {
    if (socket && Date.now() - heardAt >= SILENT_MILLIS) drop()
  }

  function heard(notice: Notice | undefined): void {
    listenOn()
    if (!notice && endedCount > 0) {
      endedCount -= 1
      return
    }
    const watch = notice && [...watches.values()].find(({ id }) => id === notice.subscription)
    // A word that is none, or the end of one that is watched: all of it is begun anew.
    if (!notice || (watch && notice.isOver)) return void drop()
    if (!watch || notice.type === 'heartbeat') return
    if (notice.type === 'handshake') {
      watch.isBound = true
      attempts = 0
      if ([...watches.values()].every(({ isBound, isRefused }) => isBound || isRefused)) become('live')
    }
    // What came before the handshake is told by nobody.
    look(watch)
  }

  /** Lets go of the socket, which is opened again. */
  function drop(): void {
    const before = socket
    socket = undefined
    before?.close()
    lost()
  }

  function lost(error?: unknown): void {
    socket = undefined
    clearInterval(silence)
    for (const watch of watches.values()) watch.isBound = false
    const isRefused = isRefusal(error)
    if (isRefused) become('polling')
    else if (state === 'live') become('connecting')
    if (state === 'connecting') hurry()
    const wait = Math.min(RETRY_MILLIS.first * 2 ** attempts, RETRY_MILLIS.max)
    attempts += 1
    clearTimeout(retry)
    // Not all windows of a house at the same moment, when a server is back.
    retry = setTimeout(() => void connect(), isRefused ? REFUSED_MILLIS : wait * (0.5 + Math.random() / 2))
  }

  const hurry = () => {
    grace ??= setTimeout(() => watches.size > 0 && become('polling'), GRACE_MILLIS)
  }

  /** What has come to be watched since the socket was opened is told by it too. */
  async function bindMore(): Promise<void> {
    const more = [...watches.values()].filter(
      ({ isBound, isRefused, id }) => !isBound && !isRefused && id === undefined,
    )
    const before = socket
    if (!before || more.length === 0 || isConnecting) return
    isConnecting = true
    try {
      const { token } = await bindingOf(await subscribedOf(more))
      if (socket === before) before.send(`bind-with-token ${token}`)
    } catch (error) {
      // What alone is refused is looked for; the others are told as before.
      if (isRefusal(error)) {
        for (const watch of more) watch.isRefused = true
        pollWhatIsNotTold()
      } else if (socket === before) drop()
    } finally {
      isConnecting = false
    }
    if (socket) await bindMore()
    // It was lost meanwhile, and whoever came to open it again found us busy.
    else if (isOwed) await connect()
  }

  const forget = (ids: readonly string[]) => {
    if (ids.length === 0) return
    const entry = ids.map((id) => ({ request: { method: 'DELETE' as const, url: `Subscription/${id}` } }))
    // Sent while the page closes, or not at all: then it ends by itself.
    fhir.batch(entry, { keepalive: true }).catch(() => {})
  }

  function leave(key: string, watch: Watch): void {
    watches.delete(key)
    clearTimeout(watch.looking)
    if (watch.isBound) endedCount += 1
    if (watches.size === 0) rest()
    forget(watch.id ? [watch.id] : [])
    tell()
  }

  /** Nothing is asked and nothing is heard. */
  function rest(): void {
    turn += 1
    for (const timer of [retry, grace]) clearTimeout(timer)
    for (const ticker of [silence, poll]) clearInterval(ticker)
    isOwed = false
    grace = undefined
    const before = socket
    socket = undefined
    before?.close()
    attempts = 0
    become('connecting')
  }

  const pause = () => {
    forget([...watches.values()].flatMap(({ id }) => id ?? []))
    for (const watch of watches.values()) {
      delete watch.id
      watch.isBound = false
      watch.isRefused = false
    }
    rest()
  }

  onSeen(() => {
    dropIfSilent()
    // Also where it seems live: a machine that wakes does not know yet what it has slept through.
    for (const watch of watches.values()) look(watch)
    if (state === 'live') return
    attempts = 0
    void connect()
  })

  return {
    watch(criteria, onLook) {
      const key = `${criteria.topic} ${criteria.filter ?? ''}`
      const known = watches.get(key)
      const watch: Watch = known ?? { criteria, looks: new Set(), ...NEW_WATCH }
      clearTimeout(watch.leaving)
      // Each for itself, also where two give the same function.
      const own = () => onLook()
      watch.looks.add(own)
      watches.set(key, watch)
      if (!known) {
        if (state === 'connecting') hurry()
        tell()
      }
      if (socket) void bindMore()
      else if (attempts === 0) void connect()
      return () => {
        watch.looks.delete(own)
        if (watch.looks.size > 0 || watches.get(key) !== watch) return
        watch.leaving = setTimeout(() => watches.get(key) === watch && leave(key, watch), LINGER_MILLIS)
      }
    },
    state: () => state,
    isWatching: () => [...watches.values()].some(({ looks }) => looks.size > 0),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    pause,
    renew() {
      pause()
      if (watches.size > 0) hurry()
      void connect()
    },
    end() {
      pause()
      for (const { leaving, looking } of watches.values()) {
        clearTimeout(leaving)
        clearTimeout(looking)
      }
      watches.clear()
      tell()
    },
  }
}
