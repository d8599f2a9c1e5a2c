import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import request from 'supertest'
import { demoSession } from './harness/demo-session.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
})
afterAll(() => server.giveBack())

const as = (bearer: string) => (method: 'get' | 'put' | 'post' | 'delete', path: string) =>
  request(server.baseUrl)
    [method](`/fhir/${path}`)
    .set('Authorization', `Bearer ${bearer}`)
    .type('application/fhir+json')
const send: ReturnType<typeof as> = (method, path) => as(token)(method, path)

type Entry = { fullUrl: string; resource?: { meta: { versionId: string } }; request: { method: string } }
const versionsIn = (body: { entry?: Entry[] }) =>
  (body.entry ?? []).map(({ fullUrl, request: { method }, resource }) => {
    const [type, id] = fullUrl.split('/').slice(-2)
    return `${method} ${type}/${id} ${resource?.meta.versionId ?? ''}`.trim()
  })

async function pages(path: string, between: () => Promise<unknown> = async () => {}): Promise<string[][]> {
  const all: string[][] = []
  let next: string | undefined = path
  while (next) {
    const page: request.Response = await send('get', next).expect(200)
    all.push(versionsIn(page.body))
    next = page.body.link
      .find(({ relation }: { relation: string }) => relation === 'next')
      ?.url.replace(`${server.fhir}/`, '')
    await between()
  }
  return all
}

const basic = (id: string, text: string) => ({ resourceType: 'Basic', id, code: { text } })
async function write(id: string, ...texts: string[]) {
  for (const text of texts) await send('put', `Basic/${id}`).send(basic(id, text))
}

test('one resource, newest first, page after page, with a total', async () => {
  await write('paged', 'a', 'b', 'c', 'd', 'e')
  const first = await send('get', 'Basic/paged/_history?_count=2')
  expect(first.body).toMatchObject({ type: 'history', total: 5 })
  expect(await pages('Basic/paged/_history?_count=2')).toEqual([
    ['PUT Basic/paged 5', 'PUT Basic/paged 4'],
    ['PUT Basic/paged 3', 'PUT Basic/paged 2'],
    ['PUT Basic/paged 1'],
  ])
})

test('what the server gave an id to was posted; what was deleted and came again was put', async () => {
  const { body } = await as(token)('post', 'Basic')
    .send({ resourceType: 'Basic', code: { text: 'x' } })
    .expect(201)
  await as(token)('delete', `Basic/${body.id}`).expect(204)
  await send('put', `Basic/${body.id}`).send(basic(body.id, 'again')).expect(201)
  const history = await send('get', `Basic/${body.id}/_history`)
  expect(
    history.body.entry.map(
      ({ request: { method, url } }: { request: { method: string; url: string } }) => `${method} ${url}`,
    ),
  ).toEqual([`PUT Basic/${body.id}`, `DELETE Basic/${body.id}`, 'POST Basic'])
})

test('_since and _at: what was made since, and what was current then', async () => {
  await write('times', 'a', 'b', 'c')
  const second = (await send('get', 'Basic/times/_history/2')).body.meta.lastUpdated
  const third = (await send('get', 'Basic/times/_history/3')).body.meta.lastUpdated
  const between = new Date((Date.parse(second) + Date.parse(third)) / 2).toISOString()
  const found = async (path: string) => versionsIn((await send('get', path).expect(200)).body)
  expect(await found(`Basic/times/_history?_since=${second}`)).toEqual(['PUT Basic/times 3', 'PUT Basic/times 2'])
  expect(await found('Basic/times/_history?_since=2099-01-01T00:00:00Z')).toEqual([])
  expect(await found(`Basic/times/_history?_at=${between}`)).toEqual(['PUT Basic/times 2'])
  expect(await found(`Basic/_history?_at=${between}&_since=${second}`)).toContain('PUT Basic/times 2')
  expect(await found(`Basic/_history?_at=${between}`)).not.toContain('PUT Basic/times 3')
  expect(await found(`Basic/_history?_at=${between}`)).not.toContain('PUT Basic/times 1')
})

test('a type: every change of every resource, and pages that stand still while more is written', async () => {
  const id = 'type-1'
  await write(id, 'a', 'b')
  await write('type-2', 'a')
  await send('delete', `Basic/${id}`)
  const since = (await send('get', `Basic/${id}/_history/1`)).body.meta.lastUpdated
  let writes = 0
  const found = await pages(`Basic/_history?_since=${since}&_count=2`, () => write('later', `more ${writes++}`))
  expect(found).toEqual([
    [`DELETE Basic/${id}`, 'PUT Basic/type-2 1'],
    [`PUT Basic/${id} 2`, `PUT Basic/${id} 1`],
  ])
})

test('a total of many is counted when it is asked for, and the same on every page', async () => {
  await write('counted', 'a', 'b', 'c')
  const since = (await send('get', 'Basic/counted/_history/1')).body.meta.lastUpdated
  const asked = (query: string) => send('get', `Basic/_history?_since=${since}${query}`)
  expect((await asked('')).body.total).toBeUndefined()
  expect((await asked('&_count=0')).body).toMatchObject({ total: 3 })
  expect((await asked('&_summary=count')).body).toMatchObject({ total: 3 })
  const first = (await asked('&_total=accurate&_count=2')).body
  expect([first.total, first.entry.length]).toEqual([3, 2])
  const next = first.link.find(({ relation }: { relation: string }) => relation === 'next').url.split('/fhir/')[1]
  expect((await send('get', next)).body).toMatchObject({ total: 3, entry: [{}] })
  const bad = await asked('&_total=perhaps')
  expect([bad.status, bad.body.issue[0].expression]).toEqual([400, ['_total']])
})

test('all types together, in one order', async () => {
  await write('system', 'a')
  const since = (await send('get', 'Basic/system')).body.meta.lastUpdated
  await send('put', 'Group/system').send({ resourceType: 'Group', id: 'system', type: 'person', actual: true })
  await write('system', 'b')
  // The engine of the demo writes meanwhile; its Tasks stand in the same order.
  const found = (await pages(`_history?_since=${since}&_count=1`)).flat()
  expect(found.filter((line) => line.includes('/system'))).toEqual([
    'PUT Basic/system 2',
    'PUT Group/system 1',
    'PUT Basic/system 1',
  ])
})

test('who may search one type only sees no other in the history of all; who may search none is refused', async () => {
  await write('scoped', 'a')
  const since = (await send('get', 'Basic/scoped')).body.meta.lastUpdated
  await send('put', 'Group/scoped').send({ resourceType: 'Group', id: 'scoped', type: 'person', actual: true })
  const one = as(await server.token('system/Basic.s'))
  expect(versionsIn((await one('get', `_history?_since=${since}`).expect(200)).body)).toEqual(['PUT Basic/scoped 1'])
  expect((await one('get', 'Group/_history')).status).toBe(403)
  const none = await as(await server.token('system/Basic.r'))('get', '_history')
  expect([none.status, none.body.issue[0].code]).toEqual([403, 'forbidden'])
})

test('a patient sees the history of the own compartment, and of nobody else', async () => {
  const patient = as(await demoSession(server, 'patient'))
  const own = await patient('get', 'Observation/_history?_count=1000').expect(200)
  expect(own.body.entry.length).toBeGreaterThan(10)
  const subjects = new Set(
    own.body.entry.map(({ resource }: { resource: { subject: { reference: string } } }) => resource.subject.reference),
  )
  expect([...subjects]).toEqual(['Patient/demo-line'])
  const all = await patient('get', '_history?_count=1000').expect(200)
  const patients = all.body.entry.filter(({ fullUrl }: Entry) => fullUrl.includes('/Patient/'))
  expect([...new Set(patients.map(({ fullUrl }: Entry) => fullUrl))]).toEqual([`${server.fhir}/Patient/demo-line`])
})

test.each([
  ['Basic/none/_history', 404, 'not-found'],
  ['Basic/_history?_since=yesterday', 400, 'value'],
  ['Basic/_history?_at=2026-02-30', 400, 'value'],
  ['Basic/_history?_count=many', 400, 'value'],
  ['Basic/_history?_cursor=abc', 400, 'value'],
  ['_history?_cursor=WzFd', 400, 'value'],
] as const)('%s is refused with %d', async (path, status, code) => {
  const { status: got, body } = await send('get', path)
  expect([got, body.issue[0].code]).toEqual([status, code])
})

test('a parameter that no history has is left out, or refused in strict handling', async () => {
  const lenient = await send('get', 'Basic/_history?colour=red&_count=1').expect(200)
  expect(lenient.body.link[0].url).toBe(`${server.fhir}/Basic/_history?_count=1`)
  const strict = await send('get', 'Basic/_history?colour=red').set('Prefer', 'handling=strict')
  expect([strict.status, strict.body.issue[0].expression]).toEqual([400, ['colour']])
})

test('the first page of a type and of all tells the moment from which nothing is missed; later pages, and one resource’s, do not', async () => {
  await write('told', 'a', 'b')
  const first = (await send('get', 'Basic/_history?_count=1').expect(200)).body
  expect(Math.abs(Date.parse(first.timestamp) - Date.now())).toBeLessThan(60_000)
  expect((await send('get', '_history?_count=1')).body.timestamp).toEqual(expect.any(String))
  const next = first.link.find(({ relation }: { relation: string }) => relation === 'next').url.split('/fhir/')[1]
  expect((await send('get', next)).body).not.toHaveProperty('timestamp')
  expect((await send('get', 'Basic/told/_history')).body).not.toHaveProperty('timestamp')
})

describe('the example of keeping a copy', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fylgje-sync-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const example = (killedAfterMillis?: number) =>
    new Promise<number | null>((resolve, reject) => {
      const script = join(import.meta.dirname, '../../scripts/sync-example.ts')
      const env = { PATH: process.env.PATH, CLIENT_ID: 'demo-service', CLIENT_SECRET: 'demo-service-secret' }
      const child = spawn(process.execPath, [script, server.baseUrl, folder, 'Basic', 'Group'], {
        env,
        stdio: 'ignore',
      })
      child.once('error', reject)
      child.once('close', resolve)
      if (killedAfterMillis !== undefined) setTimeout(() => child.kill('SIGKILL'), killedAfterMillis)
    })

  test('what it holds in the end is what there is, although it was killed again and again while others wrote', async () => {
    let isWriting = true
    const ids = Array.from({ length: 12 }, (_, i) => `copied-${i}`)
    const writer = (async () => {
      for (let n = 0; n < 60 || isWriting; n++) {
        const id = ids[n % ids.length] ?? ''
        if (n % 7 === 6) await send('delete', `Basic/${id}`)
        else await send('put', `Basic/${id}`).send(basic(id, `${n}`))
        if (!isWriting) return
        await sleep(10)
      }
    })()
    const startedAt = performance.now()
    expect(await example()).toBe(0)
    const wholeMillis = performance.now() - startedAt
    for (let n = 0; n < 4; n++) await example(wholeMillis * Math.random())
    isWriting = false
    await writer
    expect(await example()).toBe(0)
    for (const id of ids) {
      const { status, body } = await send('get', `Basic/${id}`)
      const kept = JSON.parse(await readFile(join(folder, 'Basic', `${id}.json`), 'utf8'))
      expect([id, kept.resource]).toEqual([id, status === 200 ? body : undefined])
    }
  })

  test('without a client it says so, and keeps nothing', async () => {
    const before = await readFile(join(folder, 'state.json'), 'utf8')
    await expect(
      new Promise((resolve) => {
        const script = join(import.meta.dirname, '../../scripts/sync-example.ts')
        const env = { PATH: process.env.PATH, CLIENT_ID: 'nobody', CLIENT_SECRET: 'nothing' }
        spawn(process.execPath, [script, server.baseUrl, folder], { env, stdio: 'ignore' }).once('close', resolve)
      }),
    ).resolves.toBe(1)
    expect(await readFile(join(folder, 'state.json'), 'utf8')).toBe(before)
  })
})
