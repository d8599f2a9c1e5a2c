import { type Notice, readNotice } from './notice.ts'
import { createPolling } from './poll.ts'
import { createSubscriber, isRefusal, NotToBeHad, type SubscriberNeeds } from './subscriber.ts'
import { type Criteria, HEARTBEAT_SECONDS } from './subscription.ts'
import { lookSoon, NEW_WATCH, type Watch } from './watch.ts'

/** A socket that is soon there again is not worth a word. */
const GRACE_MILLIS = 4_000
const RETRY_MILLIS = { first: 1_000, max: 30_000 }
/** Whoever is refused is not let in by asking often. */
const REFUSED_MILLIS = 5 * 60_000
/** A server that has been silent for longer than two heartbeats is gone, whatever the network says. */
const SILENT_MILLIS = HEARTBEAT_SECONDS * 2_500
/** Whether it is silent is asked of the clock: a timer stands still while the machine sleeps, and a list of before must not pass for one of now. */
const LISTEN_MILLIS = 5_000
/** Who comes back to a screen soon finds what it was told by still there. */
const LINGER_MILLIS = 30_000

/** `live`: what changes is told. `polling`: it is looked for now and then. `connecting`: it will be told in a moment. */
export type LiveState = 'connecting' | 'live' | 'polling'

export type Live = {
  /**
   * Runs `look` when something of it has changed, or may have: once told, also after a gap; else every POLL_MILLIS (poll.ts).
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
  fhir: SubscriberNeeds['fhir']
  /** Whether we were granted to ask for Subscriptions at all. */
  mayAsk: () => boolean
  openSocket: (url: string) => Socket
  isHidden: () => boolean
  /** Runs it each time somebody sees the page again. */
  onSeen: (run: () => void) => void
}

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
    polling.begin()
    tell()
  }

  /** What comes while nobody sees the page is looked for when it is seen. */
  const look = (watch: Watch) => {
    if (!isHidden()) lookSoon(watch)
  }
  const polling = createPolling(watches, (watch) => state !== 'polling' && !watch.isRefused, look)
  const subscriber = createSubscriber({
    fhir,
    isWatched: (watch) => [...watches.values()].includes(watch),
    onSomeRefused: polling.begin,
  })

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
      const { token, url } = await subscriber.bind(asked)
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
      const { token } = await subscriber.bind(more)
      if (socket === before) before.send(`bind-with-token ${token}`)
    } catch (error) {
      // What alone is refused is looked for; the others are told as before.
      if (isRefusal(error)) {
        for (const watch of more) watch.isRefused = true
        polling.begin()
      } else if (socket === before) drop()
    } finally {
      isConnecting = false
    }
    if (socket) await bindMore()
    // It was lost meanwhile, and whoever came to open it again found us busy.
    else if (isOwed) await connect()
  }

  function leave(key: string, watch: Watch): void {
    watches.delete(key)
    clearTimeout(watch.looking)
    if (watch.isBound) endedCount += 1
    if (watches.size === 0) rest()
    subscriber.forget(watch.id ? [watch.id] : [])
    tell()
  }

  /** Nothing is asked and nothing is heard. */
  function rest(): void {
    turn += 1
    for (const timer of [retry, grace]) clearTimeout(timer)
    clearInterval(silence)
    polling.end()
    isOwed = false
    grace = undefined
    const before = socket
    socket = undefined
    before?.close()
    attempts = 0
    become('connecting')
  }

  const pause = () => {
    subscriber.forget([...watches.values()].flatMap(({ id }) => id ?? []))
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
      const key = `${criteria.topic} ${criteria.patient ?? ''}`
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
