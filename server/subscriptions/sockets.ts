import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Access } from '../access/access.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Log } from '../log.ts'
import { listen } from '../outbox/listen.ts'
import type { Store } from '../store/store.ts'
import { type Bases, keepBasis } from './basis.ts'
import { takeBinding } from './bindings.ts'
import { toNotice } from './notice.ts'
import { readEvents, readRows, CHANNEL as SUBSCRIPTIONS, type SubscriptionRow } from './rows.ts'
import { auditNotice, endingOf, type SendRooms } from './send.ts'
import { showEvents } from './show.ts'
import { SOCKET_PATH } from './socket-path.ts'

export type SocketRooms = Pick<SendRooms, 'pool' | 'askedBy' | 'audit' | 'baseUrl' | 'now' | 'onNotice'> & {
  store: Pick<Store, 'seen' | 'read'>
  bases: Bases
  log: Log
  /**
   * Who says here who they are: by the token in the header of the socket, which no browser can send, or as `proven` finds out.
   * @throws Refusal `login`, or `throttled` for one who fails too often; written down as for any request
   */
  letIn: (req: IncomingMessage, proven?: () => Promise<Access>) => Promise<Access>
}

export type Sockets = {
  /** Takes over a connection that asks for it at our path. @returns false for another path */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Tells everybody that this server goes away, so that they come again elsewhere. */
  close(): Promise<void>
}

/** One Subscription on one socket. `sent`: up to this number. */
type Bound = { id: string; sent: string; basis: string; heartbeatAt: number | undefined }
type Open = {
  socket: WebSocket
  bound: Map<string, Bound>
  isAlive: boolean
  /** What is sent goes one after the other. */
  turn: Promise<void>
  /** How many messages wait for their turn. */
  queued: number
}

/** What one may take who has not said yet who it is. */
export type SocketLimits = { socketCountMax: number; queuedCountMax: number; bindMilliseconds: number }

/** `bind-with-token` and the token, or an id. */
const MESSAGE_BYTES_MAX = 1024
const BOUND_COUNT_MAX = 100
const LIMITS: SocketLimits = { socketCountMax: 10_000, queuedCountMax: BOUND_COUNT_MAX, bindMilliseconds: 10_000 }
const UNAVAILABLE =
  'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 10\r\nContent-Length: 0\r\n\r\n'
/** More than this that the other side has not taken: it is cut off, and asks for what it has missed by `$events`. */
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024
const EVENT_COUNT_MAX = 50
/** How long it may take at most until who may not be told any more is not, should no notice come. */
const LOOK_MILLISECONDS = 3_000
const PING_MILLISECONDS = 30_000
const GOING_AWAY = 1001
const POLICY = 1008
const TRY_AGAIN_LATER = 1013
const AUTHORIZATION = 'authorization'

/**
 * The channel websocket: `bind-with-token …` of the backport, `bind …` and `ping …` of R4. What comes after binding is told; what came
 * before is asked for by `$events`. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html#websockets,
 * https://hl7.org/fhir/R4/subscription.html#2.46.7.2
 */
export function openSockets(rooms: SocketRooms, limits: SocketLimits = LIMITS): Sockets {
  const { pool, bases, log } = rooms
  const server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX, clientTracking: false })
  const open = new Set<Open>()
  let isClosing = false
  let endListening: (() => Promise<void>) | undefined
  let timers: NodeJS.Timeout[] = []

  function begin(): void {
    if (endListening) return
    endListening = listen(
      pool,
      (channel) => {
        if (channel !== SUBSCRIPTIONS) bases.forget()
        for (const one of open) pump(one)
      },
      [SUBSCRIPTIONS, AUTHORIZATION],
    )
    timers = [
      setInterval(() => {
        for (const one of open) pump(one)
      }, LOOK_MILLISECONDS).unref(),
      setInterval(() => {
        for (const one of open) {
          if (!one.isAlive) one.socket.terminate()
          one.isAlive = false
          one.socket.ping()
        }
      }, PING_MILLISECONDS).unref(),
    ]
  }

  const inTurn = (one: Open, work: () => Promise<void>): void => {
    one.turn = one.turn
      .then(() => (isOpen(one) ? work() : undefined))
      .catch((error: unknown) => {
        log.warn({ err: error }, 'a socket could not be told, and is closed')
        one.socket.close(1011, 'fault')
      })
  }

  let waiting = new WeakSet<Open>()
  /** Once for all that calls meanwhile: whoever waits for a turn sees what came before it. */
  function pump(one: Open): void {
    if (one.bound.size === 0 || waiting.has(one)) return
    waiting.add(one)
    inTurn(one, async () => {
      waiting.delete(one)
      await tellAll(rooms, one)
    })
  }

  function accept(socket: WebSocket, req: IncomingMessage): void {
    const one: Open = { socket, bound: new Map(), isAlive: true, turn: Promise.resolve(), queued: 0 }
    open.add(one)
    begin()
    const late = setTimeout(() => {
      if (one.bound.size === 0) socket.close(POLICY, 'Nothing was bound in time.')
    }, limits.bindMilliseconds).unref()
    socket.on('pong', () => {
      one.isAlive = true
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      clearTimeout(late)
      open.delete(one)
    })
    socket.on('message', (data, isBinary) => {
      if (!isOpen(one)) return
      const [word = '', argument = '', ...more] = isBinary ? [] : String(data).trim().split(/\s+/)
      if (argument === '' || more.length > 0 || (word !== 'bind' && word !== 'bind-with-token'))
        return socket.close(POLICY, 'Send: bind-with-token <token>, or bind <id>.')
      if (one.queued >= limits.queuedCountMax) return socket.close(POLICY, 'Too many messages at once.')
      one.queued += 1
      inTurn(one, () => {
        one.queued -= 1
        return orRefused(
          one,
          word === 'bind' ? bindById(rooms, one, argument, req) : bindByToken(rooms, one, argument, req),
        )
      })
    })
  }

  return {
    upgrade(req, socket, head) {
      // What is no address (`//`) is nobody's.
      if (!URL.parse(req.url ?? '/', 'http://here')?.pathname.endsWith(SOCKET_PATH)) return false
      if (isClosing || open.size >= limits.socketCountMax) {
        socket.once('finish', () => socket.destroy()).end(UNAVAILABLE)
        return true
      }
      server.handleUpgrade(req, socket, head, (accepted) => accept(accepted, req))
      return true
    },
    async close() {
      isClosing = true
      for (const timer of timers) clearInterval(timer)
      for (const { socket } of open) socket.close(GOING_AWAY, 'The server stops.')
      await Promise.all([...open].map(({ turn }) => turn))
      for (const { socket } of open) socket.terminate()
      await endListening?.()
      waiting = new WeakSet()
    },
  }
}

/** Nothing is read from one that is being closed, and nothing is begun for it. */
const isOpen = ({ socket }: Open): boolean => socket.readyState === socket.OPEN

/** Whoever is refused is told why, and may come again. */
async function orRefused({ socket }: Open, binding: Promise<void>): Promise<void> {
  try {
    await binding
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    socket.close(error.retryAfterSeconds ? TRY_AGAIN_LATER : POLICY, error.message.slice(0, REASON_CHARS_MAX))
  }
}

async function bindByToken(rooms: SocketRooms, one: Open, token: string, req: IncomingMessage): Promise<void> {
  const binding = await takeBinding(rooms.pool, token)
  if (!binding) {
    await rooms.letIn(req, () => Promise.reject(refuse('login', 'The token is unknown, too old, or was used.')))
    return
  }
  const basis = await rooms.bases.now(binding.basis)
  if (!('access' in basis)) return one.socket.close(POLICY, basis.ended)
  const rows = await readRows(rooms.pool, binding.subscriptions)
  for (const row of rows) await bind(rooms, one, row, { id: binding.basis, access: basis.access })
  if (one.bound.size === 0) one.socket.close(POLICY, 'None of these Subscriptions is there any more.')
}

/** R4’s own: whoever knows an id could ask for it, so the socket must have been opened with a token. */
async function bindById(rooms: SocketRooms, one: Open, id: string, req: IncomingMessage): Promise<void> {
  const access = await rooms.letIn(req)
  await rooms.store.read(access, 'Subscription', id)
  const [row] = await readRows(rooms.pool, [id])
  if (!row) return one.socket.close(POLICY, `Subscription/${id} is not active yet.`)
  await bind(rooms, one, row, { id: await keepBasis(rooms.pool, access), access })
}

/** What fits into a closing frame. */
const REASON_CHARS_MAX = 100

async function bind(
  rooms: SocketRooms,
  one: Open,
  row: SubscriptionRow,
  basis: { id: string; access: Access },
): Promise<void> {
  if (row.channel !== 'websocket' || row.status !== 'active')
    return one.socket.close(POLICY, `Subscription/${row.id} is ${row.status}, by ${row.channel}.`)
  if (one.bound.size >= BOUND_COUNT_MAX) return one.socket.close(POLICY, 'Too many Subscriptions on one socket.')
  const asked = rooms.askedBy(row)
  await auditNotice(rooms, row.id, basis.access, [])
  const heartbeatAt = asked.heartbeatSeconds && Date.now() + asked.heartbeatSeconds * 1000
  one.bound.set(row.id, { id: row.id, sent: row.last_number, basis: basis.id, heartbeatAt })
  const { baseUrl } = rooms
  const text = asked.topic ? JSON.stringify(toNotice({ row, asked, type: 'handshake', baseUrl })) : `bound ${row.id}`
  one.socket.send(text)
}

/** Tells a socket what has come for each Subscription that it is bound to, and ends what is over. */
async function tellAll(rooms: SocketRooms, one: Open): Promise<void> {
  const rows = new Map((await readRows(rooms.pool, [...one.bound.keys()])).map((row) => [row.id, row]))
  for (const bound of [...one.bound.values()]) {
    const row = rows.get(bound.id)
    if (!row) unbind(one, bound, 'The Subscription was deleted.')
    else await tellOne(rooms, one, bound, row)
  }
  if (one.bound.size === 0) one.socket.close(POLICY, 'Nothing is told here any more.')
}

function unbind(one: Open, { id }: Bound, text: string): void {
  one.bound.delete(id)
  one.socket.send(text)
}

async function tellOne(rooms: SocketRooms, one: Open, bound: Bound, row: SubscriptionRow): Promise<void> {
  const { baseUrl, pool } = rooms
  const asked = rooms.askedBy(row)
  // By whose word it was asked for, and by whose the socket was opened: both must still hold.
  const [own, opened] = await Promise.all([rooms.bases.now(row.basis), rooms.bases.now(bound.basis)])
  const over =
    'ended' in own ? own.ended : 'ended' in opened ? opened.ended : endingOf(asked, opened.access, rooms.now())
  if (over !== undefined || (row.status !== 'active' && row.status !== 'requested')) {
    const status = over === undefined ? row.status : 'off'
    const ended = { ...row, status, reason: over ?? row.reason }
    return unbind(one, bound, JSON.stringify(toNotice({ row: ended, asked, type: 'heartbeat', baseUrl })))
  }
  if (!('access' in opened)) return
  while (BigInt(row.last_number) > BigInt(bound.sent)) {
    if (one.socket.bufferedAmount > BUFFERED_BYTES_MAX) return one.socket.terminate()
    const events = await readEvents(pool, row.id, {
      ...{ after: bound.sent, until: row.last_number },
      countMax: Math.min(asked.countMax, EVENT_COUNT_MAX),
    })
    const last = events.at(-1)
    if (!last) break
    const shown = await showEvents(rooms.store, opened.access, asked.content, events)
    await auditNotice(rooms, row.id, opened.access, shown)
    // R4 says that something has come, and no more; of what may not be seen not even that.
    if (!asked.topic && shown.every(({ isHidden }) => isHidden)) bound.sent = last.number
    else {
      one.socket.send(
        asked.topic
          ? JSON.stringify(toNotice({ row, asked, type: 'event-notification', events: shown, baseUrl }))
          : `ping ${row.id}`,
      )
      rooms.onNotice('taken')
      bound.sent = last.number
    }
    bound.heartbeatAt = asked.heartbeatSeconds && Date.now() + asked.heartbeatSeconds * 1000
  }
  if (bound.heartbeatAt !== undefined && bound.heartbeatAt <= Date.now()) {
    one.socket.send(JSON.stringify(toNotice({ row, asked, type: 'heartbeat', baseUrl })))
    bound.heartbeatAt = Date.now() + (asked.heartbeatSeconds ?? 0) * 1000
  }
}
