import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Observation, Resource } from '@medplum/fhirtypes'
import { loadDefinitions } from '../server/definitions/definitions.ts'
import { createValidator } from '../server/validation/validator.ts'

const ROOT = join(import.meta.dirname, '..')

/** A FHIR server as a gateway meets it on bad days: it keeps what it has been given, each name once, and answers as it is told. */
type Mood = 'well' | 'busy' | 'busy for a day' | 'down' | 'answer lost' | 'refuses'
let moods: Mood[] = []
const stored = new Map<string, Resource>()
const bundles: Bundle[] = []
const askedAt: number[] = []
let busyUntil = 0
let server: Server
let base: string
let folder: string
let gateways: ChildProcess[] = []
/** What they have said on stderr. */
let said = ''

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const json = (status: number, body: unknown, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/fhir+json', ...headers }).end(JSON.stringify(body))
    if (request.url?.endsWith('smart-configuration')) return void json(200, { token_endpoint: `${base}/token` })
    if (request.url?.endsWith('/token')) return void json(200, { access_token: 'x' })
    receive(JSON.parse(text) as Bundle, moods.shift() ?? 'well', response, json)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fylgje-gateway-'))
  for (const list of [bundles, askedAt, moods]) list.length = 0
  stored.clear()
  said = ''
})
afterEach(async () => {
  await Promise.all(gateways.map(kill))
  gateways = []
  await rm(folder, { recursive: true, force: true })
})

function receive(
  bundle: Bundle,
  mood: Mood,
  response: ServerResponse,
  json: (status: number, body: unknown, headers?: object) => unknown,
): void {
  askedAt.push(Date.now())
  if (mood === 'busy') {
    busyUntil = Date.now() + 1000
    return void json(429, {}, { 'retry-after': '1' })
  }
  if (mood === 'busy for a day') return void json(503, {}, { 'retry-after': '86400' })
  if (mood === 'down') return void json(503, {})
  if (JSON.stringify(bundle).includes('Patient/poison')) return void json(500, { issue: [{ code: 'exception' }] })
  if (mood === 'refuses')
    return void json(422, { resourceType: 'OperationOutcome', issue: [{ code: 'business-rule' }] })
  bundles.push(bundle)
  const entry = (bundle.entry ?? []).map(({ request, resource }) => {
    const name = String(request?.ifNoneExist)
    const isNew = !stored.has(name)
    if (isNew && resource) stored.set(name, resource)
    const number = [...stored.keys()].indexOf(name)
    return { response: { status: isNew ? '201' : '200', location: `${request?.url}/${number}/_history/1` } }
  })
  if (mood === 'answer lost') response.destroy()
  else json(200, { resourceType: 'Bundle', type: `${bundle.type}-response`, entry })
}

async function startGateway(...options: string[]): Promise<{ url: string; child: ChildProcess }> {
  const script = join(ROOT, 'scripts/gateway-example.ts')
  const child = spawn(join(ROOT, 'node_modules/.bin/node'), ['--no-warnings', script, base, folder, ...options], {
    env: { PATH: process.env.PATH, CLIENT_ID: 'gateway', CLIENT_SECRET: 'secret' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr?.on('data', (chunk) => {
    said += String(chunk)
  })
  gateways.push(child)
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const [first] = (await new Promise<string[]>((resolve) => lines.once('line', (line) => resolve([line])))) as [string]
  return { url: `http://127.0.0.1:${(JSON.parse(first) as AddressInfo).port}/measurements`, child }
}
const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await ended
}

const upload = (id: string, change: object = {}) => ({
  ...{ device: '0123456789ABCDEF', patient: 'Patient/line', clock: '2026-11-01T10:00:00Z' },
  measurements: [
    { id, type: 'MDC_PULS_OXIM_SAT_O2', value: 95, unit: 'MDC_DIM_PERCENT', at: '2026-11-01T09:00:00Z', ...change },
  ],
})
const deliver = (url: string, body: object) => fetch(url, { method: 'POST', body: JSON.stringify(body) })
const inFolder = (name: string) => readdir(join(folder, name))
async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await isSo()) return
    await sleep(50)
  }
  throw new Error('It did not come')
}
const isSent = async () => (await inFolder('waiting')).length === 0
const measured = () =>
  [...stored.values()].filter(
    (one): one is Observation => one.resourceType === 'Observation' && one.derivedFrom !== undefined,
  )

const { validate } = createValidator(loadDefinitions())

test('what it sends is valid, translated, named, and at the time of a right clock', async () => {
  const { url } = await startGateway()
  const pressure = {
    id: '2',
    type: 'MDC_PRESS_BLD_NONINV',
    value: { systolic: 128, diastolic: 79 },
    unit: 'MDC_DIM_MMHG',
  }
  const sent = upload('1')
  expect(
    (await deliver(url, { ...sent, measurements: [...sent.measurements, { ...pressure, at: sent.clock }] })).status,
  ).toBe(202)
  await until(isSent)
  for (const resource of stored.values())
    expect(validate(resource).filter(({ severity }) => severity === 'error')).toEqual([])
  const [spo2, bp] = measured()
  const stamp = [...stored.values()].find(
    (one): one is Observation => one.resourceType === 'Observation' && one.valueDateTime !== undefined,
  )
  expect(spo2?.code?.coding?.map(({ code }) => code)).toEqual(['150456', '59408-5', '2708-6'])
  expect(bp?.component?.map(({ valueQuantity }) => valueQuantity?.value)).toEqual([128, 79])
  const hour = Date.parse(String(stamp?.effectiveDateTime)) - Date.parse(String(spo2?.effectiveDateTime))
  expect([stamp?.valueDateTime, hour]).toEqual([sent.clock, 3_600_000])
})

test('too much, away, an answer lost, killed in between: everything comes, once, in its order, and no sooner than the server says', async () => {
  moods = ['busy', 'down', 'answer lost', 'busy']
  const first = await startGateway()
  for (const id of ['1', '2']) expect((await deliver(first.url, upload(id))).status).toBe(202)
  await until(() => askedAt.length >= 2)
  expect(askedAt[1]).toBeGreaterThanOrEqual(Number(askedAt[0]) + 1000)
  await kill(first.child)
  const second = await startGateway()
  for (const id of ['3', '4']) await deliver(second.url, upload(id))
  // The device does not know that it was taken, and brings it again.
  await deliver(second.url, upload('3'))
  await until(isSent)
  expect(measured()).toHaveLength(4)
  expect(Date.now()).toBeGreaterThan(busyUntil)
  const order = bundles.map(({ entry = [] }) => (entry[2]?.resource as Observation | undefined)?.identifier?.[0]?.value)
  expect([...new Set(order)]).toEqual(measured().map(({ identifier }) => identifier?.[0]?.value))
})

test('in batches the device and its clock go first, and are referred to where they are', async () => {
  const { url } = await startGateway('--batch')
  await deliver(url, upload('1'))
  await until(isSent)
  expect(bundles.map(({ type, entry }) => [type, entry?.length])).toEqual([
    ['transaction', 2],
    ['batch', 1],
  ])
  expect(measured()[0]?.device?.reference).toBe('Device/0')
})

test('what the server will never take is put aside with the reason, and holds up nothing', async () => {
  moods = ['refuses']
  const { url } = await startGateway()
  for (const id of ['1', '2']) await deliver(url, upload(id))
  await until(isSent)
  expect(measured()).toHaveLength(1)
  const aside = await inFolder('refused')
  expect(aside).toHaveLength(2)
  const why = aside.find((name) => name.endsWith('.why')) ?? ''
  expect(await readFile(join(folder, 'refused', why), 'utf8')).toContain('business-rule')
})

test('what cannot be understood is refused at the door, in words', async () => {
  const { url } = await startGateway()
  const cases: [object, string][] = [
    [{ ...upload('1'), device: 'x' }, 'EUI-64'],
    [{ ...upload('1'), patient: '13116900216' }, 'Patient/id'],
    [{ ...upload('1'), clock: 'noon' }, 'clock'],
    [{ ...upload('1'), measurements: [] }, 'measurements'],
    [upload('1', { type: 'MDC_NONSENSE' }), 'MDC_NONSENSE is not known'],
    [upload('1', { unit: 'MDC_DIM_NONSENSE' }), 'MDC_DIM_NONSENSE is not known'],
    [upload('1', { value: 'high' }), 'value of 1'],
    [upload('1', { at: '' }), 'at of 1'],
    ...[
      '2026-11-23T10:00',
      '2026-11-23T10:00:00',
      '2026-11-23',
      '7',
      '2026-02-30T10:00:00Z',
      '2026-11-23T24:00:00Z',
    ].flatMap((time): [object, string][] => [
      [upload('1', { at: time }), 'at of 1'],
      [{ ...upload('1'), clock: time }, 'clock'],
    ]),
    [{ ...upload('1'), measurements: [null] }, 'number'],
    [upload(''), 'number'],
  ]
  for (const [body, words] of cases) {
    const answer = await deliver(url, body)
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(words)])
  }
  expect(await inFolder('waiting')).toEqual([])
})

test('an upload that the server cannot take, and one that is none, hold up nobody, and are put aside in the end; each try is told of', async () => {
  const { url } = await startGateway('--pause', '3')
  await writeFile(join(folder, 'waiting', '0.json'), '{"upload":')
  expect((await deliver(url, { ...upload('0'), patient: 'Patient/poison' })).status).toBe(202)
  for (let i = 1; i <= 3; i++) await deliver(url, upload(String(i)))
  // What the server has, the gateway removes a moment later.
  await until(async () => measured().length === 3 && (await inFolder('waiting')).length === 1)
  expect(said).toMatch(/did not get through \(1 in a row\), \d wait; again in 1 s: .*exception/)
  // It is not put aside before others have come through beside it many times.
  for (let i = 4; !(await isSent()) || i <= 8; i++) {
    await deliver(url, upload(String(i)))
    await sleep(50)
  }
  expect((await inFolder('refused')).filter((name) => name.endsWith('.why'))).toHaveLength(2)
  expect(bundles.some((one) => JSON.stringify(one).includes('poison'))).toBe(false)
})

test('while nothing gets through nothing is put aside, and a server that asks for a day is asked again within the hour', async () => {
  moods = [...Array.from({ length: 20 }, (): Mood => 'down'), 'busy for a day']
  const { url, child } = await startGateway('--pause', '1')
  for (const id of ['1', '2']) await deliver(url, upload(id))
  await until(() => said.includes('again in 3600 s'))
  expect(await inFolder('refused')).toEqual([])
  expect(await inFolder('waiting')).toHaveLength(2)
  // It ends at once all the same.
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await ended
})
