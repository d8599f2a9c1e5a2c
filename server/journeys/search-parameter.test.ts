import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, OperationOutcome, Parameters } from '@medplum/fhirtypes'
import { openPool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
let token: string

beforeAll(async () => {
  server = await startServer({ env: { DEMO: 'on' } })
  token = await server.token()
})
afterAll(() => server.dispose())

const COLOUR = 'http://x.example/colour'
const BASIC_COUNT = 3_000

async function send(method: string, path: string, body?: object) {
  const response = await fetch(`${server.fhir}${path === '' ? '' : `/${path}`}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as unknown }
}

const searchParameter = (code: string, change: object = {}) => ({
  resourceType: 'SearchParameter',
  id: `by-${code}`,
  url: `http://x.example/SearchParameter/${code}`,
  name: code,
  status: 'active',
  description: 'A colour',
  code,
  base: ['Basic'],
  type: 'token',
  expression: `Basic.extension.where(url='${COLOUR}').value`,
  ...change,
})

const basic = (id: string, colour: string) => ({
  resourceType: 'Basic',
  id,
  code: { text: 'thing' },
  extension: [{ url: COLOUR, valueCode: colour }],
})

async function putAll(resources: { resourceType: string; id: string }[]) {
  for (let at = 0; at < resources.length; at += 500) {
    const entry = resources.slice(at, at + 500).map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }))
    const { status } = await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
    expect(status).toBe(200)
  }
}

/** Ids of the matches, and what the bundle says about the search. */
async function search(query: string): Promise<{ status: number; ids: string[]; issues: string[] }> {
  const { status, body } = await send('GET', query)
  const entries = (body as Bundle).entry ?? []
  const ofMode = (mode: string) => entries.filter((entry) => entry.search?.mode === mode)
  const outcomes = ofMode('outcome').map(({ resource }) => resource as OperationOutcome)
  return {
    status,
    ids: ofMode('match').map(({ resource }) => resource?.id ?? ''),
    issues: outcomes.flatMap(({ issue }) => issue.map(({ code, expression }) => `${code} ${expression}`)),
  }
}

async function total(query: string): Promise<number | undefined> {
  return ((await send('GET', `${query}&_summary=count`)).body as Bundle).total
}

type Status = { finished: boolean; done: number; total: number }
async function reindexStatus(code: string): Promise<Status> {
  const { parameter = [] } = (await send('GET', `SearchParameter/by-${code}/$reindex-status`)).body as Parameters
  const parts = parameter.find(({ name }) => name === 'type')?.part ?? []
  const numberOf = (name: string) => parts.find((part) => part.name === name)?.valueInteger ?? 0
  return { finished: parameter[0]?.valueBoolean === true, done: numberOf('done'), total: numberOf('total') }
}

async function until(code: string, holds: (status: Status) => boolean): Promise<Status> {
  for (let tries = 0; tries < 3_000; tries++) {
    const status = await reindexStatus(code)
    if (holds(status)) return status
    await sleep(10)
  }
  throw new Error(`The index by ${code} never came so far.`)
}

test('a search parameter takes effect when it is stored; older resources follow, and until then the answer says so', async () => {
  await putAll([basic('old-red', 'red'), basic('old-blue', 'blue')])
  expect((await search('Basic?shade=red')).issues).toEqual(['not-supported shade'])

  expect((await send('PUT', 'SearchParameter/by-shade', searchParameter('shade'))).status).toBe(201)
  await putAll([basic('new-red', 'red')])
  expect(await search('Basic?shade=red')).toEqual({ status: 200, ids: ['new-red'], issues: ['incomplete shade'] })

  const conditional = await send('PUT', 'Basic?shade=blue', { ...basic('x', 'blue'), id: undefined })
  expect([conditional.status, (conditional.body as OperationOutcome).issue[0]?.code]).toEqual([503, 'incomplete'])

  expect(await until('shade', ({ finished }) => finished)).toMatchObject({ finished: true })
  // Each process looks once a second whether it is.
  while ((await search('Basic?shade=red')).issues.length > 0) await sleep(10)
  expect((await send('PUT', 'Basic?shade=blue', { ...basic('x', 'blue'), id: undefined })).status).toBe(200)
  const { ids, issues } = await search('Basic?shade=red')
  expect([ids.toSorted(), issues]).toEqual([['new-red', 'old-red'], []])
  const { body } = await send('GET', 'metadata')
  expect(JSON.stringify(body)).toContain('http://x.example/SearchParameter/shade')
})

test.each([
  ['retired', () => send('PUT', 'SearchParameter/by-tone', searchParameter('tone', { status: 'retired' }))],
  ['deleted', () => send('DELETE', 'SearchParameter/by-tone')],
])('a search parameter that is %s is none any more', async (_, end) => {
  await send('PUT', 'SearchParameter/by-tone', searchParameter('tone'))
  expect((await search('Basic?tone=red')).issues).toEqual(['incomplete tone'])
  await end()
  expect((await search('Basic?tone=red')).issues).toEqual(['not-supported tone'])
})

test('a search parameter that comes in a transaction takes effect with its commit', async () => {
  await putAll([searchParameter('hue'), basic('in-transaction', 'mauve')])
  await putAll([basic('after-transaction', 'mauve')])
  expect((await search('Basic?hue=mauve')).ids).toContain('after-transaction')
})

test.each([
  ['does not compile', { expression: 'Basic.where(' }, 'SearchParameter.expression'],
  ['leads nowhere', { expression: 'Basic.colour' }, 'SearchParameter.expression'],
  ['has a code of R4’s own', { code: 'author' }, 'SearchParameter.code'],
])('one that %s is refused, and names the element', async (_, change, expression) => {
  const { status, body } = await send('PUT', 'SearchParameter/by-refused', searchParameter('refused', change))
  expect([400, 422]).toContain(status)
  expect((body as OperationOutcome).issue[0]).toMatchObject({ severity: 'error', expression: [expression] })
  expect((await send('GET', 'SearchParameter/by-refused')).status).toBe(404)
})

test('a draft may be unfinished: it is stored, and has no effect', async () => {
  const draft = searchParameter('draft', { status: 'draft', expression: 'Basic.where(' })
  expect((await send('PUT', 'SearchParameter/by-draft', draft)).status).toBe(201)
  expect((await search('Basic?draft=red')).issues).toEqual(['not-supported draft'])
})

test('kill -9 in the middle of the index: it goes on where it was, and loses no change made meanwhile', async () => {
  await putAll(Array.from({ length: BASIC_COUNT }, (_, i) => basic(`many-${i}`, 'grey')))
  // What is indexed for an earlier one goes through the same resources.
  await until('hue', ({ finished }) => finished)
  const held = await holdBack('Basic', `many-${BASIC_COUNT / 2}`)
  await send('PUT', 'SearchParameter/by-tint', searchParameter('tint'))
  await held.isWaitedFor()
  await putAll(Array.from({ length: 50 }, (_, i) => basic(`many-${BASIC_COUNT - 1 - i}`, 'gold')))
  const atKill = await reindexStatus('tint')
  await server.kill9()
  await held.end()
  expect(atKill).toMatchObject({ finished: false })
  expect(atKill.done).toBeGreaterThan(0)
  expect(atKill.done).toBeLessThan(atKill.total)

  server = await startServer({ dataDir: server.dataDir, env: { DEMO: 'on' } })
  token = await server.token()
  expect((await reindexStatus('tint')).done).toBeGreaterThanOrEqual(atKill.done)
  const { done, total: counted } = await until('tint', ({ finished }) => finished)
  // What was done before the kill was not done again.
  expect(done).toBe(counted)
  expect(await total('Basic?tint=grey')).toBe(BASIC_COUNT - 50)
  expect(await total('Basic?tint=gold')).toBe(50)
})

/** Has a resource as somebody has who is about to change it: the index, which takes it with others, waits there. */
async function holdBack(type: string, id: string) {
  const pool = openPool(server.databaseUrl(), 2, 'test')
  const holding = await pool.connect()
  // It ends with the database.
  holding.on('error', () => {})
  await holding.query('BEGIN')
  const { rowCount } = await holding.query(
    sql`SELECT 1 FROM resource WHERE type = ${type} AND id = ${id} AND NOT deleted FOR UPDATE`,
  )
  expect(rowCount).toBe(1)
  return {
    async isWaitedFor() {
      const waiting = sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
      while ((await pool.query(waiting)).rows.length === 0) await sleep(10)
    },
    async end() {
      holding.release(true)
      await pool.end()
    },
  }
}
