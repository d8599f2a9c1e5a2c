import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestScript } from '@medplum/fhirtypes'
import { type Result, runCase } from './run-case.ts'
import { toCase } from './test-script.ts'

type Given = { status: number; headers?: Record<string, string>; body?: object }
let answers: Record<string, Given | 'never'> = {}
let asked: string[] = []
let server: Server
let base: string

beforeAll(async () => {
  server = createServer((request, response) => {
    const name = `${request.method} ${request.url}`
    asked.push(name)
    const given = answers[name] ?? { status: request.method === 'DELETE' ? 204 : 404 }
    if (given === 'never') return
    response.writeHead(given.status, given.headers).end(given.body ? JSON.stringify(given.body) : undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
beforeEach(() => {
  answers = {}
  asked = []
})

async function run(at: string, ...operations: [code: string, method: string, url: string][]): Promise<Result[]> {
  const action = operations.map(([code, method, url]) => ({ operation: { type: { code }, method, url } }))
  const script = {
    resourceType: 'TestScript',
    url: 'http://example.org/t',
    name: 'T',
    status: 'draft',
    test: [{ action }],
  }
  return runCase(toCase('t', script as TestScript), { base: at, token: 'x', timeoutSeconds: 1 })
}
const deleted = () => asked.filter((one) => one.startsWith('DELETE'))
const told = (name: string) => ({ response: { status: '201 Created', location: `${name}/_history/1` } })

test('what others have made is not deleted, where a history or an answer tells of it', async () => {
  const history = { resourceType: 'Bundle', type: 'history', entry: [told('Patient/anothers')] }
  answers = {
    'POST /Patient': { status: 201, headers: { location: `${base}/Patient/own/_history/1` } },
    'GET /Patient/_history': { status: 200, body: history },
    'POST /Patient/_search': { status: 200, body: { ...history, type: 'searchset' } },
    'GET /Patient/x': { status: 201, headers: { location: `${base}/Patient/x` } },
    'POST /DocumentReference': {
      status: 201,
      headers: { location: `${base}/DocumentReference/own` },
      body: { resourceType: 'DocumentReference', content: [{ attachment: { url: 'Binary/anothers' } }] },
    },
  }
  await run(
    base,
    ['create', 'POST', 'Patient'],
    ['history', 'GET', 'Patient/_history'],
    ['search', 'POST', 'Patient/_search'],
    ['read', 'GET', 'Patient/x'],
    ['create', 'POST', 'DocumentReference'],
  )
  expect(deleted()).toEqual(['DELETE /DocumentReference/own', 'DELETE /Patient/own'])
})

test('what the entries of a transaction have made is deleted, and what an operation has filed with its content', async () => {
  answers = {
    'POST /': {
      status: 200,
      body: { resourceType: 'Bundle', type: 'transaction-response', entry: [told('Patient/own')] },
    },
    'POST /CarePlan/1/$file-document': {
      status: 201,
      headers: { location: 'DocumentReference/own' },
      body: { resourceType: 'DocumentReference', content: [{ attachment: { url: 'Binary/own' } }] },
    },
  }
  await run(base, ['transaction', 'POST', ''], ['file-document', 'POST', 'CarePlan/1/$file-document'])
  expect(deleted()).toEqual(['DELETE /Binary/own', 'DELETE /DocumentReference/own', 'DELETE /Patient/own'])
})

test.each([
  'http://server.example.evil.invalid/Patient',
  'http://server.example:1/Patient',
  'https://server.example/x',
])('the token of http://server.example is not sent to %s', async (url) => {
  const [result] = await run('http://server.example', ['read', 'GET', url])
  expect(result).toMatchObject({ outcome: 'fail', message: expect.stringContaining('is on another server') })
})

test('what was to be written and was not answered is told of; what was read is not', async () => {
  answers = { 'POST /Patient': 'never', 'GET /Patient/1': 'never' }
  const made = await run(base, ['create', 'POST', 'Patient'])
  expect(made.map(({ test: name, outcome }) => [name, outcome])).toEqual([
    ['test', 'fail'],
    ['clean up', 'fail'],
  ])
  expect(made.at(-1)?.message).toMatch('POST Patient')
  expect(await run(base, ['read', 'GET', 'Patient/1'])).toHaveLength(1)
})
