import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Bundle, MessageHeader, Task } from '@medplum/fhirtypes'
import request from 'supertest'
import WebSocket from 'ws'
import { demoSession } from './harness/demo-session.ts'
import { type NoticeSocket, openSocket } from './harness/notice-socket.ts'
import { forNurse, privacyConsent } from './harness/privacy-consent.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'
import { type Subscriber, startSubscriber, statusOf, subscription } from './harness/subscriber.ts'

let server: RunningServer
let subscriber: Subscriber
let token: string
beforeAll(async () => {
  subscriber = await startSubscriber()
  server = await startServer({ env: { SUBSCRIPTION_ATTEMPTS: '2', OPERATOR: 'CareTeam/demo-responssenter' } })
  token = await server.token()
})
afterAll(async () => {
  await server?.dispose()
  await subscriber?.stop()
})

type Method = 'get' | 'put' | 'post' | 'delete'
const as = (bearer: string) => (method: Method, path: string) =>
  request(server.baseUrl)
    [method](`/fhir/${path}`)
    .set('Authorization', `Bearer ${bearer}`)
    .type('application/fhir+json')
const send = (method: Method, path: string) => as(token)(method, path)

/** Stored, and told that it is heard. */
async function subscribe(asked: object, by = token): Promise<string> {
  const { status, body } = await as(by)('post', 'Subscription').send(asked)
  if (status !== 201) throw new Error(JSON.stringify(body))
  expect(body.status).toBe('requested')
  await untilStatus(body.id, 'active', by)
  return body.id
}

async function untilStatus(id: string, status: string, by = token) {
  for (let attempt = 0; ; attempt++) {
    const { body } = await as(by)('get', `Subscription/${id}`)
    if (body.status === status) return body
    if (attempt > 1_000) throw new Error(`Subscription/${id} is ${body.status}, not ${status}: ${body.error}`)
    await sleep(20)
  }
}

const task = (id: string, more: object = {}) => ({
  ...{ resourceType: 'Task', id, status: 'requested', intent: 'order' },
  ...more,
})
const put = async (resource: { resourceType: string; id: string; [element: string]: unknown }) => {
  const { status, body } = await send('put', `${resource.resourceType}/${resource.id}`).send(resource)
  if (status >= 300) throw new Error(JSON.stringify(body))
}
/** The profiles of the backport are not here to be checked by. */
const faultsIn = ({ issue }: { issue: { severity: string; code: string }[] }) =>
  issue.filter(({ severity, code }) => severity !== 'information' && code !== 'not-found')
const events = (notices: { text: string }[]) => notices.flatMap((one) => statusOf(one).events)

test('a handshake comes first, then each change under its number with what it is about, deletions too', async () => {
  const filters = ['Task?identifier=urn:told|']
  const header = ['Authorization: Bearer secret', 'X-Tenant: one']
  await subscribe(subscription('task-changes', { filters, endpoint: subscriber.at('/changes'), header }))
  const identifier = [{ system: 'urn:told', value: 'one' }]
  await put(task('told-1', { identifier }))
  await put(task('told-2'))
  await put(task('told-1', { identifier, status: 'accepted' }))
  await send('delete', 'Task/told-1')
  const notices = await subscriber.until('/changes', (all) => events(all).length >= 3)
  expect(statusOf(notices[0] ?? { text: '' })).toMatchObject({ type: 'handshake', status: 'requested', events: [] })
  const focus = `${server.fhir}/Task/told-1`
  expect(events(notices)).toEqual(['1', '2', '3'].map((number) => ({ number, focus })))
  expect(notices.every(({ method, headers }) => method === 'POST' && headers.authorization === 'Bearer secret')).toBe(
    true,
  )
  expect(notices[0]?.headers['x-tenant']).toBe('one')
  const requests = notices.flatMap((one) =>
    statusOf(one)
      .bundle.entry?.slice(1)
      .map((entry) => entry.request),
  )
  expect(requests.map((one) => one?.method)).toEqual(['POST', 'PUT', 'DELETE'])
  const { body } = await send('post', 'Bundle/$validate').send(JSON.parse(notices.at(-1)?.text ?? '{}'))
  expect(faultsIn(body)).toEqual([])
})

test('one that is off or in error is kept as it came, such as that of another server, and nobody is told by it', async () => {
  const kept = {
    ...{ resourceType: 'Subscription', id: 'of-another', status: 'error', error: 'Socket Error 10060', reason: 'test' },
    meta: { tag: [{ code: 'of-another' }] },
    criteria: 'Task?_id=of-another',
    channel: { type: 'rest-hook', endpoint: 'https://elsewhere.example.com/on-result' },
  }
  await put(kept)
  await put(task('of-another'))
  const { body } = await send('get', 'Subscription/of-another').expect(200)
  expect(body).toMatchObject(kept)
  const { body: unknown } = await send('post', 'Subscription').send({
    ...kept,
    status: 'requested',
    criteria: 'Nothing',
  })
  expect(unknown.issue[0].expression).toEqual(['Subscription.criteria'])
  const absent = {
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
  }
  const { criteria: _, ...without } = kept
  const asked = {
    ...without,
    status: 'requested',
    _criteria: absent,
    channel: { ...kept.channel, type: undefined, _type: absent },
  }
  const refused = await send('post', 'Subscription').send(asked)
  expect([refused.status, refused.body.issue.map((one: { expression: string[] }) => one.expression[0])]).toEqual([
    422,
    expect.arrayContaining(['Subscription.criteria', 'Subscription.channel.type']),
  ])
})

test('whoever puts theirs off is told of nothing more, and of what comes after it when they ask again', async () => {
  const asked = {
    ...subscription('task-changes', { filters: ['Task?_id=put-off'], endpoint: subscriber.at('/put-off') }),
  }
  const id = await subscribe(asked)
  await put(task('put-off'))
  await subscriber.until('/put-off', (all) => events(all).length >= 1)
  await put({ ...asked, id, status: 'off' })
  await untilStatus(id, 'off')
  await put(task('put-off', { priority: 'stat' }))
  await put({ ...asked, id, status: 'requested' })
  await untilStatus(id, 'active')
  await put(task('put-off', { priority: 'asap' }))
  const notices = await subscriber.until('/put-off', (all) => events(all).length >= 2)
  expect(events(notices).map(({ number }) => number)).toEqual(['1', '2'])
})

test.each([
  ['empty', 0],
  ['full-resource', 1],
])('a payload that is %s', async (content, entryCount) => {
  const path = `/content-${content}`
  const filters = [`Task?_id=content-${content}`]
  await subscribe(subscription('task-changes', { content, filters, endpoint: subscriber.at(path) }))
  await put(task(`content-${content}`, { description: 'æøå' }))
  const [, notice] = await subscriber.until(path, (all) => all.length >= 2)
  const { bundle, events: told } = statusOf(notice ?? { text: '' })
  expect(told).toMatchObject([{ number: '1' }])
  expect(told[0]?.focus).toBe(content === 'empty' ? undefined : `${server.fhir}/Task/content-${content}`)
  expect(bundle.entry?.slice(1)).toHaveLength(entryCount)
  if (entryCount > 0)
    expect(bundle.entry?.[1]?.resource).toMatchObject({ description: 'æøå', meta: { versionId: '1' } })
})

test('R4’s own criteria: an empty POST, or the resource by PUT where a payload is named; nothing of what does not match any more', async () => {
  const plain = { resourceType: 'Subscription', status: 'requested', reason: 'test' }
  const criteria = 'Task?_id=plain&status=requested'
  const endpoint = (path: string) => ({ type: 'rest-hook', endpoint: subscriber.at(path) })
  await subscribe({ ...plain, criteria, channel: endpoint('/empty') })
  await subscribe({ ...plain, criteria, channel: { ...endpoint('/xml'), payload: 'application/fhir+xml' } })
  await put(task('plain'))
  await put(task('plain', { status: 'accepted' }))
  await put(task('plain', { status: 'requested', priority: 'stat' }))
  const empty = await subscriber.until('/empty', (all) => all.length >= 2)
  expect(empty.map(({ method, path, text }) => [method, path, text])).toEqual([
    ['POST', '/empty', ''],
    ['POST', '/empty', ''],
  ])
  const xml = await subscriber.until('/xml', (all) => all.length >= 2)
  expect(xml.map(({ method, path }) => [method, path])).toEqual([
    ['PUT', '/xml/Task/plain'],
    ['PUT', '/xml/Task/plain'],
  ])
  expect(xml[1]?.headers['content-type']).toBe('application/fhir+xml; charset=utf-8')
  expect(xml[1]?.text).toContain('<priority value="stat"/>')
})

test('a message has the notice as what it is about', async () => {
  const filters = ['Task?_id=message']
  await subscribe(subscription('task-changes', { filters, type: 'message', endpoint: subscriber.at('/message') }))
  await put(task('message'))
  const [, message] = await subscriber.until('/message', (all) => all.length >= 2)
  const bundle = JSON.parse(message?.text ?? '{}') as Bundle
  expect(bundle.type).toBe('message')
  const [header, notice] = bundle.entry ?? []
  expect((header?.resource as MessageHeader | undefined)?.focus).toEqual([{ reference: notice?.fullUrl }])
  expect(statusOf({ text: JSON.stringify(notice?.resource) }).events).toMatchObject([{ number: '1' }])
  const { body } = await send('post', 'Bundle/$validate').send(bundle)
  expect(faultsIn(body)).toEqual([])
})

test('who cannot be told is in error with the reason, the operator has a Task, and asked for again all comes in order', async () => {
  const path = '/failing'
  const filters = ['Task?_id=failing']
  const asked = subscription('task-changes', { filters, endpoint: subscriber.at(path) })
  const id = await subscribe(asked)
  subscriber.answers.set(path, 302)
  await put(task('failing'))
  const failed = await untilStatus(id, 'error')
  expect(failed.error).toBe('The receiver answered with 302.')
  const { body } = await send('get', `Task?focus=Subscription/${id}`)
  const [told] = (body as Bundle<Task>).entry ?? []
  expect(told?.resource).toMatchObject({ priority: 'urgent', owner: { reference: 'CareTeam/demo-responssenter' } })
  await put(task('failing', { status: 'accepted' }))
  subscriber.answers.delete(path)
  subscriber.received.length = 0
  await send('put', `Subscription/${id}`)
    .send({ ...asked, id })
    .expect(200)
  const notices = await subscriber.until(path, (all) => events(all).length >= 2)
  expect(events(notices).map(({ number }) => number)).toEqual(['1', '2'])
  expect(subscriber.received.some((one) => one.path === '/elsewhere')).toBe(false)
})

test('the status tells how many events there were, and events are had again by their numbers', async () => {
  const filters = ['Task?_id=again']
  const id = await subscribe(subscription('task-changes', { filters, endpoint: subscriber.at('/again') }))
  for (const status of ['requested', 'accepted', 'in-progress']) await put(task('again', { status }))
  await subscriber.until('/again', (all) => events(all).length >= 3)
  const status = await send('get', `Subscription/${id}/$status`).expect(200)
  const parameters = status.body.entry[0].resource.parameter
  expect(parameters).toContainEqual({ name: 'events-since-subscription-start', valueString: '3' })
  expect(parameters).toContainEqual({ name: 'type', valueCode: 'query-status' })
  const of = await send('get', `Subscription/$status?id=${id}&status=off`).expect(200)
  expect(of.body.total).toBe(0)
  const again = await send('get', `Subscription/${id}/$events?eventsSinceNumber=2&eventsUntilNumber=3`).expect(200)
  expect(statusOf({ text: again.text })).toMatchObject({
    type: 'query-event',
    events: [{ number: '2' }, { number: '3' }],
  })
  const wrong = await send('get', `Subscription/${id}/$events?eventsSinceNumber=x`)
  expect([wrong.status, wrong.body.issue[0].code, wrong.body.issue[0].expression]).toEqual([
    ...[400, 'value'],
    ['eventsSinceNumber'],
  ])
})

test('a heartbeat comes where nothing else does, and none where the Subscription is off', async () => {
  const extension = [
    {
      url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-heartbeat-period',
      valueUnsignedInt: 5,
    },
  ]
  const filters = ['Task?_id=never']
  await subscribe(subscription('task-changes', { filters, endpoint: subscriber.at('/heart'), extension }))
  const [, beat] = await subscriber.until('/heart', (all) => all.length >= 2)
  expect(statusOf(beat ?? { text: '' })).toMatchObject({ type: 'heartbeat', events: [] })
})

test('a token that is revoked ends what it had asked for, with the reason', async () => {
  const short = await server.token('system/Task.rs system/Subscription.cruds')
  const filters = ['Task?_id=revoked']
  const id = await subscribe(subscription('task-changes', { filters, endpoint: subscriber.at('/revoked') }), short)
  await request(server.baseUrl)
    .post('/auth/revoke')
    .auth('demo-service', 'demo-service-secret')
    .type('form')
    .send({ token: short })
    .expect(200)
  const ended = await untilStatus(id, 'off')
  expect(ended.error).toBe('The access token was revoked.')
  await put(task('revoked'))
  await sleep(300)
  expect(events(subscriber.received.filter(({ path }) => path === '/revoked'))).toEqual([])
})

test.each([
  ['a type that there is not', { criteria: 'Tasks?status=requested' }, 'Subscription.criteria'],
  ['a parameter that there is not', { criteria: 'Task?colour=red' }, 'Subscription.criteria'],
  ['how a search is answered', { criteria: 'Task?status=requested&_sort=_id' }, 'Subscription.criteria'],
  ['a topic that there is not', { criteria: 'http://example.org/topic' }, 'Subscription.criteria'],
  [
    'a channel that there is not',
    { channel: { type: 'email', endpoint: 'mailto:a@b.no' } },
    'Subscription.channel.type',
  ],
  ['no endpoint', { channel: { type: 'rest-hook' } }, 'Subscription.channel.endpoint'],
  ['an address of our own network', hook('https://10.0.0.1/x'), 'Subscription.channel.endpoint'],
  ['the metadata of a cloud', hook('http://169.254.169.254/latest'), 'Subscription.channel.endpoint'],
  ['no TLS', hook('http://example.org/x'), 'Subscription.channel.endpoint'],
  [
    'a header that steers proxies',
    hook('https://example.org/', ['X-Forwarded-For: 1']),
    'Subscription.channel.header[0]',
  ],
])('%s is refused with its element', async (_, change, expression) => {
  const plain = { resourceType: 'Subscription', status: 'requested', reason: 'test', criteria: 'Task?status=requested' }
  const { status, body } = await send('post', 'Subscription').send({
    ...plain,
    ...hook(subscriber.at('/no')),
    ...change,
  })
  expect([status, body.issue[0].code, body.issue[0].expression]).toEqual([422, 'processing', [expression]])
})

function hook(endpoint: string, header?: string[]) {
  return { channel: { type: 'rest-hook', endpoint, ...(header ? { header } : {}) } }
}

test('whoever may not read is not told, and nobody sees or changes what another app has asked for', async () => {
  const asked = subscription('measurements', { endpoint: subscriber.at('/other') })
  const narrow = await server.token('system/Task.rs system/Subscription.cruds')
  const refused = await as(narrow)('post', 'Subscription').send(asked)
  expect([refused.status, refused.body.issue[0].code]).toEqual([403, 'forbidden'])
  const unscoped = await as(await server.token('system/Observation.rs'))('post', 'Subscription').send(asked)
  expect(unscoped.status).toBe(403)
  const id = await subscribe(asked)
  const other = as(await demoSession(server, 'nurse'))
  expect((await other('get', `Subscription/${id}`)).status).toBe(404)
  expect((await other('get', `Subscription/${id}/$status`)).status).toBe(404)
  expect((await other('get', `Subscription/${id}/$events`)).status).toBe(404)
  expect((await other('put', `Subscription/${id}`).send({ ...asked, id })).status).toBe(403)
  expect((await other('get', 'Subscription')).body.total).toBe(0)
})

test('metadata names the topics, and each is there to be read', async () => {
  const { body } = await request(server.baseUrl).get('/fhir/metadata')
  const told = body.rest[0].resource.find(({ type }: { type: string }) => type === 'Subscription')
  const topics = told.extension.map(({ valueCanonical }: { valueCanonical: string }) =>
    valueCanonical.split('/').at(-1),
  )
  expect(topics).toEqual([
    ...['task-changes', 'triage', 'plan-changes', 'measurements', 'answers', 'messages', 'documents', 'sperring'],
  ])
  const { body: found } = await send('get', 'Basic?code=SubscriptionTopic')
  expect(found.total).toBe(topics.length)
})

test('the commands of docs/subscriptions.md lead to an event', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/subscriptions.md'), 'utf8')
  const [, commands = ''] = /<!-- curl -->\n```sh\n(.*)\n```\n<!-- \/curl -->/s.exec(page) ?? []
  const { stdout } = await promisify(execFile)('bash', [
    '-euc',
    commands.replaceAll('http://localhost:8080', server.baseUrl),
  ])
  const notice = stdout.slice(stdout.lastIndexOf('{"resourceType":"Bundle"'))
  expect(statusOf({ text: notice })).toMatchObject({ type: 'query-event', events: [{ number: '1' }] })
})

describe('a socket', () => {
  const sockets: NoticeSocket[] = []
  const open = async (address: string, headers: Record<string, string> = {}): Promise<NoticeSocket> => {
    const socket = await openSocket(address, headers)
    sockets.push(socket)
    return socket
  }
  afterAll(() => {
    for (const socket of sockets) socket.terminate()
  })
  const bindingOf = async (ids: string[], by: string): Promise<{ token: string; address: string }> => {
    const query = ids.map((id) => `id=${id}`).join('&')
    const { body, status } = await as(by)('get', `Subscription/$get-ws-binding-token?${query}`)
    expect(status).toBe(200)
    const find = (name: string) => body.parameter.find((one: { name: string }) => one.name === name)
    return { token: find('token').valueString, address: find('websocket-url').valueUrl }
  }

  const bySocket = (topic: string, filters: string[]) => subscription(topic, { filters, type: 'websocket' })
  const focusOf = (text: string | undefined) =>
    statusOf({ text: text ?? '' }).events.map(({ focus }) => focus?.split('/').at(-1))

  test('is bound by a token to several Subscriptions, is told of each, and the token works once', async () => {
    const one = await subscribe(bySocket('task-changes', ['Task?_id=socket-1']))
    const other = await subscribe(bySocket('task-changes', ['Task?_id=socket-2']))
    const { token: word, address } = await bindingOf([one, other], token)
    const socket = await open(address)
    socket.say(`bind-with-token ${word}`)
    const handshakes = (await socket.until(2)).map((text) => statusOf({ text }))
    expect(handshakes).toMatchObject([{ type: 'handshake', status: 'active' }, { type: 'handshake' }])
    await put(task('socket-1'))
    await socket.until(3)
    await put(task('socket-2'))
    const said = await socket.until(4)
    expect([focusOf(said[2]), focusOf(said[3])]).toEqual([['socket-1'], ['socket-2']])
    const again = await open(address)
    again.say(`bind-with-token ${word}`)
    expect(await again.closed).toBe('1008 The token is unknown, too old, or was used.')
    const { body: denials } = await send('get', 'AuditEvent?subtype=token-refused&_sort=-date&_count=1')
    expect(denials.entry[0].resource).toMatchObject({
      outcomeDesc: 'The token is unknown, too old, or was used.',
      agent: [{ network: { address: expect.stringContaining('127.0.0.1') } }],
    })
    const wrong = await open(address)
    wrong.say('hello')
    expect(await wrong.closed).toBe('1008 Send: bind-with-token <token>, or bind <id>.')
  })

  test('of R4 is bound by the id with a token in the header, and is told that something has come', async () => {
    const plain = { resourceType: 'Subscription', status: 'requested', reason: 'test', channel: { type: 'websocket' } }
    const id = await subscribe({ ...plain, criteria: 'Task?_id=socket-plain' })
    const address = `${server.baseUrl.replace('http', 'ws')}/subscriptions/socket`
    const stranger = await open(address)
    stranger.say(`bind ${id}`)
    expect(await stranger.closed).toContain('1008 An access token is required')
    const { body: denials } = await send('get', 'AuditEvent?subtype=token-refused&_sort=-date&_count=1')
    expect(denials.entry[0].resource.outcomeDesc).toContain('An access token is required')
    const socket = await open(address, { authorization: `Bearer ${token}` })
    socket.say(`bind ${id}`)
    await socket.until(1)
    await put(task('socket-plain'))
    expect(await socket.until(2)).toEqual([`bound ${id}`, `ping ${id}`])
  })

  test('of a nurse tells nothing of who is not hers or has closed the record, and ends with her token', async () => {
    const nurse = await demoSession(server, 'nurse')
    const filters = ['Observation?code=urn:socket|']
    const id = await subscribe(bySocket('measurements', filters), nurse)
    // Who sees all of them: what has come there was read, and whoever else is told of it was asked about.
    await subscribe(subscription('measurements', { filters, endpoint: subscriber.at('/read') }))
    const { token: word, address } = await bindingOf([id], nurse)
    const socket = await open(address)
    socket.say(`bind-with-token ${word}`)
    await socket.until(1)
    const measure = (name: string, patient: string) =>
      put({
        ...{ resourceType: 'Observation', id: name, status: 'final' },
        ...{ code: { coding: [{ system: 'urn:socket', code: '1' }] }, subject: { reference: `Patient/${patient}` } },
      } as never)
    const close = (status: string) =>
      put({
        ...privacyConsent('Patient/demo-line', { type: 'deny', actor: forNurse }),
        ...{ id: 'socket-closes', status },
      } as never)
    await put({ resourceType: 'Patient', id: 'socket-stranger' })
    await measure('socket-foreign', 'socket-stranger')
    await measure('socket-hers', 'demo-line')
    expect(focusOf((await socket.until(2))[1])).toEqual(['socket-hers'])
    await close('active')
    await measure('socket-closed', 'demo-line')
    await subscriber.until('/read', (all) => events(all).length >= 3)
    await close('inactive')
    await measure('socket-open', 'demo-line')
    const said = await socket.until(3)
    expect(statusOf({ text: said[2] ?? '' }).events).toMatchObject([
      { number: '2', focus: `${server.fhir}/Observation/socket-open` },
    ])
    const revoked = request(server.baseUrl).post('/auth/revoke').type('form')
    await revoked.send({ token: nurse, client_id: 'fylgje-apps' }).expect(200)
    expect(await socket.closed).toContain('1008')
    const last = statusOf({ text: socket.said.at(-1) ?? '' })
    expect([last.status, last.bundle.entry?.[0]?.resource]).toMatchObject(['off', { resourceType: 'Parameters' }])
  })

  test('is refused a token for what is not told by sockets, or for nothing', async () => {
    const id = await subscribe(subscription('task-changes', { endpoint: subscriber.at('/none') }))
    const refused = await send('get', `Subscription/${id}/$get-ws-binding-token`)
    expect([refused.status, refused.body.issue[0].code, refused.body.issue[0].expression]).toEqual([
      422,
      'business-rule',
      ['id'],
    ])
    const nothing = await send('get', 'Subscription/$get-ws-binding-token')
    expect([nothing.status, nothing.body.issue[0].code]).toEqual([400, 'required'])
    const elsewhere = new WebSocket(`${server.baseUrl.replace('http', 'ws')}/elsewhere`)
    await expect(new Promise((resolve, reject) => elsewhere.on('open', resolve).on('error', reject))).rejects.toThrow(
      '400',
    )
  })
})
