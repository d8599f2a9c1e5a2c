import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { Bundle, Parameters, Resource, Subscription } from '@medplum/fhirtypes'
import { Refused, Unreachable } from '../../fhir/failure.ts'
import { createLive, type LiveNeeds, type Socket } from './live.ts'
import { POLL_MILLIS } from './poll.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const TASKS = { topic: 'task-changes' } as const
const MEASURED = { topic: 'measurements', patient: '7' } as const
const HOUR = 3_600_000
/** Longer than any pause between two attempts, and shorter than what ends a socket that says nothing. */
const SOON = 3_000

/** A server with sockets, and a window that looks at it. */
function house() {
  const asked: string[] = []
  const sockets: (Socket & { said: string[]; isOpen: boolean })[] = []
  const subscriptions = new Map<string, Subscription>()
  const looks = { tasks: 0, measured: 0 }
  const world = {
    isHidden: false,
    mayAsk: true,
    failure: undefined as Error | undefined,
    refused: '',
    status: 'active' as Subscription['status'],
    see: () => {},
  }
  const answer = async <T>(what: string, value: () => T): Promise<T> => {
    asked.push(what)
    if (world.failure) throw world.failure
    return value()
  }
  const keep = (one: Subscription, id: string) => {
    subscriptions.set(id, { ...one, id, status: world.status })
    return { ...one, id }
  }
  const fhir = {
    create: (one: Subscription) =>
      answer(`POST ${one.criteria.split('/').at(-1)}`, () => {
        if (one.criteria.endsWith(world.refused) && world.refused) throw new Refused(403, [])
        return keep(one, String(asked.length))
      }),
    update: (one: Subscription) => answer(`PUT ${one.criteria.split('/').at(-1)}`, () => keep(one, String(one.id))),
    read: (_: string, id: string) => answer('GET', () => subscriptions.get(id)),
    operation: (path: string, given: Parameters['parameter'] = []) =>
      answer(path, (): Resource => {
        const token = given.map(({ valueId }) => valueId).join()
        return {
          resourceType: 'Parameters',
          parameter: [
            { name: 'token', valueString: token },
            { name: 'websocket-url', valueUrl: 'wss://here' },
          ],
        }
      }),
    batch: (entry: Bundle['entry'] = []) => {
      for (const { request } of entry) {
        asked.push(`${request?.method}`)
        if (subscriptions.delete(request?.url?.split('/')[1] ?? ''))
          setTimeout(() => sockets.at(-1)?.onmessage?.({ data: 'The Subscription was deleted.' }), 100)
      }
      return Promise.resolve({})
    },
  } as unknown as LiveNeeds['fhir']
  const live = createLive({
    ...{ fhir, mayAsk: () => world.mayAsk, isHidden: () => world.isHidden },
    onSeen: (run) => {
      world.see = run
    },
    openSocket: () => {
      const said: string[] = []
      const socket = {
        ...{ said, isOpen: true, onopen: null, onmessage: null, onclose: null },
        send: (text: string) => void said.push(text),
        close: () => {
          socket.isOpen = false
        },
      } as (typeof sockets)[number]
      sockets.push(socket)
      return socket
    },
  })
  const say = (id: string, type: string, status = 'active') =>
    sockets.at(-1)?.onmessage?.({
      data: JSON.stringify({
        entry: [
          {
            resource: {
              resourceType: 'Parameters',
              parameter: [
                { name: 'subscription', valueReference: { reference: `http://here/fhir/Subscription/${id}` } },
                { name: 'status', valueCode: status },
                { name: 'type', valueCode: type },
              ],
            },
          },
        ],
      }),
    })
  /** What a server does: it binds what the word is for. */
  const shakeHands = () => {
    const socket = sockets.at(-1)
    socket?.onopen?.()
    for (const id of socket?.said.at(-1)?.split(' ')[1]?.split(',') ?? []) say(id, 'handshake')
  }
  const tasks = () => live.watch(TASKS, () => void looks.tasks++)
  const measured = () => live.watch(MEASURED, () => void looks.measured++)
  const idOf = (topic: string) =>
    [...subscriptions.values()].find(({ criteria }) => criteria.endsWith(topic))?.id ?? 'none'
  const pass = (millis: number) => jest.advanceTimersByTimeAsync(millis)
  return { live, asked, sockets, subscriptions, looks, world, say, shakeHands, tasks, measured, idOf, pass }
}

async function connected() {
  const all = house()
  all.tasks()
  await all.pass(SOON)
  all.shakeHands()
  await all.pass(SOON)
  return all
}

test('what is watched is told: after the handshake and each notice it is looked once, and an idle window asks for nothing', async () => {
  const { live, asked, looks, say, idOf, pass } = await connected()
  expect([live.state(), looks.tasks]).toEqual(['live', 1])
  const before = asked.length
  for (let minute = 0; minute < 60; minute++) {
    await pass(20_000)
    say(idOf('task-changes'), 'heartbeat')
  }
  expect([asked.length, looks.tasks]).toEqual([before, 1])
  say(idOf('task-changes'), 'event-notification')
  say(idOf('task-changes'), 'event-notification')
  await pass(100)
  expect(looks.tasks).toBe(2)
})

test('a socket that is lost is opened again with the same Subscription, and what came meanwhile is looked for', async () => {
  const { live, asked, sockets, looks, shakeHands, pass } = await connected()
  const states: string[] = []
  live.subscribe(() => void states.push(live.state()))
  sockets.at(-1)?.onclose?.()
  await pass(SOON)
  expect(asked.filter((one) => one.startsWith('PUT'))).toEqual(['PUT task-changes'])
  shakeHands()
  await pass(100)
  expect([live.state(), looks.tasks, sockets.length]).toEqual(['live', 2, 2])
  // Nobody needs to know of it.
  expect(states).not.toContain('polling')
})

test('where a socket does not come back it is looked now and then, also at once; each attempt waits longer than the one before', async () => {
  const { live, asked, sockets, world, looks, pass } = await connected()
  world.failure = new Unreachable()
  sockets.at(-1)?.onclose?.()
  await pass(5_000)
  expect([live.state(), looks.tasks]).toEqual(['polling', 2])
  await pass(4 * POLL_MILLIS)
  expect(looks.tasks).toBe(6)
  const attempts = asked.filter((one) => one === 'PUT task-changes').length
  expect(attempts).toBeGreaterThan(3)
  expect(attempts).toBeLessThan(9)
  world.failure = undefined
})

test('a server that refuses is asked seldom; without the scope it is not asked at all', async () => {
  const refused = house()
  refused.world.failure = new Refused(403, [])
  refused.tasks()
  await refused.pass(2 * 60_000)
  expect([refused.live.state(), refused.asked]).toEqual(['polling', ['POST task-changes']])
  const without = house()
  without.world.mayAsk = false
  without.tasks()
  without.measured()
  await without.pass(2 * 60_000 + 100)
  // What is measured is read as a whole: it is looked for less often.
  expect([without.live.state(), without.asked, without.looks]).toEqual(['polling', [], { tasks: 9, measured: 2 }])
})

test('a socket that says nothing any more is not believed', async () => {
  const { sockets, pass } = await connected()
  await pass(60_000)
  expect(sockets.map(({ isOpen }) => isOpen).slice(0, 1)).toEqual([false])
  expect(sockets.length).toBeGreaterThan(1)
})

test.each(['off', 'error'])('a Subscription that is %s is asked for again', async (status) => {
  const { asked, say, idOf, shakeHands, live, pass } = await connected()
  say(idOf('task-changes'), 'heartbeat', status)
  await pass(SOON)
  expect(asked.filter((one) => one.startsWith('PUT'))).toEqual(['PUT task-changes'])
  shakeHands()
  expect(live.state()).toBe('live')
})

test('while nobody sees the page nothing is looked for, and when they do, once', async () => {
  const { looks, world, say, idOf, pass } = await connected()
  world.isHidden = true
  say(idOf('task-changes'), 'event-notification')
  say(idOf('task-changes'), 'event-notification')
  await pass(SOON)
  expect(looks.tasks).toBe(1)
  world.isHidden = false
  world.see()
  await pass(SOON)
  expect(looks.tasks).toBe(2)
})

test('a machine that wakes believes neither its list nor its socket', async () => {
  const { live, looks, world, sockets, shakeHands, pass } = await connected()
  // It sleeps: the clock goes on, no timer runs.
  jest.setSystemTime(Date.now() + 2 * HOUR)
  await pass(5_000)
  expect([sockets[0]?.isOpen, live.state()]).toEqual([false, 'connecting'])
  await pass(1_100)
  shakeHands()
  await pass(SOON)
  const before = looks.tasks
  expect([live.state(), before > 1]).toEqual(['live', true])
  // One that is looked at before it is known that the socket is gone.
  world.see()
  await pass(SOON)
  expect(looks.tasks).toBe(before + 1)
})

test('what alone is refused is looked for now and then, while the rest is told', async () => {
  const all = house()
  all.world.refused = 'measurements'
  all.tasks()
  all.measured()
  await all.pass(SOON)
  all.shakeHands()
  await all.pass(SOON)
  expect([all.live.state(), all.looks.tasks]).toEqual(['live', 1])
  for (let poll = 0; poll < 8; poll++) {
    await all.pass(POLL_MILLIS)
    all.say(all.idOf('task-changes'), 'heartbeat')
  }
  expect([all.looks, all.sockets.length]).toEqual([{ tasks: 1, measured: 4 }, 1])
  // Also one that comes later.
  const later = await connected()
  later.world.refused = 'measurements'
  later.measured()
  await later.pass(SOON)
  expect([later.live.state(), later.sockets.length, later.looks]).toEqual(['live', 1, { tasks: 1, measured: 1 }])
})

test('a socket that is lost while another Subscription is bound to it is opened again', async () => {
  const { sockets, subscriptions, measured, shakeHands, live, pass, world } = await connected()
  world.status = 'requested'
  measured()
  await pass(20)
  sockets.at(-1)?.onclose?.()
  await pass(2 * SOON)
  expect(sockets).toHaveLength(1)
  world.status = 'active'
  for (const [id, one] of subscriptions) subscriptions.set(id, { ...one, status: 'active' })
  await pass(2 * SOON)
  expect(sockets).toHaveLength(2)
  shakeHands()
  expect(live.state()).toBe('live')
})

test('what comes to be watched later is told by the same socket; what nobody watches any more ends soon after, and the last closes it', async () => {
  const { subscriptions, sockets, say, idOf, measured, looks, pass, live, asked } = await connected()
  const leave = measured()
  await pass(SOON)
  expect(sockets[0]?.said.at(-1)).toBe(`bind-with-token ${idOf('measurements')}`)
  say(idOf('measurements'), 'handshake')
  say(idOf('measurements'), 'event-notification')
  await pass(SOON)
  expect([looks.measured, looks.tasks]).toEqual([1, 1])
  leave()
  await pass(10_000)
  // Whoever comes back soon finds it still there.
  measured()()
  await pass(20_000)
  expect(subscriptions.size).toBe(2)
  say(idOf('task-changes'), 'heartbeat')
  await pass(20_000)
  expect([subscriptions.size, sockets.length, live.state()]).toEqual([1, 1, 'live'])
  expect(asked.filter((one) => one.startsWith('POST'))).toEqual(['POST task-changes', 'POST measurements'])
})

test('whoever signs out leaves no Subscription behind, and no socket; nothing is asked for afterwards', async () => {
  const { live, subscriptions, sockets, asked, pass } = await connected()
  live.end()
  expect([subscriptions.size, sockets[0]?.isOpen]).toEqual([0, false])
  const before = asked.length
  await pass(HOUR)
  expect([asked.length, live.isWatching()]).toEqual([before, false])
})

test('after signing in again, and when a page is back that was put aside, it is all made anew', async () => {
  const { live, subscriptions, sockets, shakeHands, looks, pass } = await connected()
  live.pause()
  expect(subscriptions.size).toBe(0)
  await pass(SOON)
  expect(sockets).toHaveLength(1)
  live.renew()
  await pass(SOON)
  shakeHands()
  await pass(SOON)
  expect([live.state(), looks.tasks, subscriptions.size]).toEqual(['live', 2, 1])
})
