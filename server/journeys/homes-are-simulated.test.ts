import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './harness/eventually.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

const SCRIPT = join(import.meta.dirname, '../../scripts/simulate.ts')

let server: RunningServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server?.dispose())

type Run = { code: number | null; output: string; errors: string }

function simulate(words: string[]): { child: ChildProcess; ended: Promise<Run> } {
  const child = spawn(process.execPath, [SCRIPT, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  const ended = new Promise<Run>((resolve) => child.on('close', (code) => resolve({ code, output, errors })))
  return { child, ended }
}

async function read<T>(query: string): Promise<T> {
  const headers = { authorization: `Bearer ${await server.token()}` }
  return (await fetch(`${server.fhir}/${query}`, { headers })).json() as Promise<T>
}

type Observations = { entry: { resource: { identifier: { value: string }[] } }[] }

test('what the homes send is stored, once each; late batches too; some get worse, and Tasks appear', async () => {
  const startedAt = new Date().toISOString()
  const { code, output, errors } = await simulate([
    ...['--base', server.baseUrl, '--patients', '5', '--rate', '40', '--minutes', '0.1'],
    ...['--exacerbations', '0.4', '--offline', '0.4', '--seed', 'journey'],
  ]).ended
  expect([code, errors]).toEqual([0, ''])
  expect(output).toContain('no net, kept on the phone')
  expect(output).toMatch(/measurements from the time without net · stored/)
  expect(output).toContain('was there already')
  expect(output).not.toContain('refused')
  const { entry } = await read<Observations>(`Observation?_lastUpdated=ge${startedAt}&_count=1000`)
  const messages = entry.map(({ resource }) => resource.identifier[0]?.value)
  expect(messages.length).toBeGreaterThan(50)
  expect(new Set(messages).size).toBe(messages.length)
  expect((await read<{ total: number }>(`Task?authored-on=ge${startedAt}&_summary=count`)).total).toBeGreaterThan(0)
  expect(output).toMatch(/Tasks raised since the start[^\n]*: [1-9]/)
})

test('Ctrl-C ends it with its summary', async () => {
  const { child, ended } = simulate(['--base', server.baseUrl, '--rate', '5', '--minutes', '10'])
  await new Promise<void>((resolve) =>
    child.stdout?.on('data', (chunk) => String(chunk).includes('stored') && resolve()),
  )
  child.kill('SIGINT')
  const { code, output } = await ended
  expect(code).toBe(0)
  expect(output).toMatch(/sent \d+ resources in \d+ messages/)
})

test.each([
  ['no server', ['--base', 'http://127.0.0.1:9'], 'No server answers at http://127.0.0.1:9'],
  ['an option that is none', ['--speed', '3'], '--speed'],
])('with %s it ends with one clear line', async (_, words, line) => {
  const { code, output, errors } = await simulate(words).ended
  expect([code, output]).toEqual([1, ''])
  expect(errors.trim().split('\n')).toHaveLength(1)
  expect(errors).toContain(line)
})

test('with a wrong secret it says that it was not let in', async () => {
  const { code, errors } = await simulate(['--base', server.baseUrl, '--secret', 'wrong']).ended
  expect(code).toBe(1)
  expect(errors).toMatch(/^The server gives demo-service no token: [^\n]+\n$/)
})

test.each([[''], ['--batch']])(
  'the example of a gateway brings what a device measured, once, however often it is brought %s',
  async (option) => {
    const folder = await mkdtemp(join(tmpdir(), 'fylgje-gateway-'))
    const options = option ? [option] : []
    const script = join(import.meta.dirname, '../../scripts/gateway-example.ts')
    const child = spawn(process.execPath, ['--no-warnings', script, server.fhir, folder, ...options], {
      env: { PATH: process.env.PATH, CLIENT_ID: 'demo-service', CLIENT_SECRET: 'demo-service-secret' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const said = await new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))))
      const url = `http://127.0.0.1:${(JSON.parse(said) as { port: number }).port}/measurements`
      const [id, clock] = [`journey-${option}`, '2026-11-01T08:00:00Z']
      const body = JSON.stringify({
        ...{ device: '0123456789ABCDEF', patient: 'Patient/demo-line', clock },
        measurements: [{ id, type: 'MDC_MASS_BODY_ACTUAL', value: 71.5, unit: 'MDC_DIM_KILO_G', at: clock }],
      })
      for (let i = 0; i < 2; i++) expect((await fetch(url, { method: 'POST', body })).status).toBe(202)
      await eventually(
        () => readdir(join(folder, 'waiting')),
        (waiting) => waiting.length === 0,
      )
      expect(await readdir(join(folder, 'refused'))).toEqual([])
      const found = await read<{ entry: { resource: { device: { reference: string }; derivedFrom: object[] } }[] }>(
        'Observation?patient=demo-line&code=urn:iso:std:iso:11073:10101%7C188736&_sort=-_lastUpdated',
      )
      expect(found.entry).toHaveLength(options.length === 0 ? 1 : 2)
      expect(found.entry[0]?.resource).toMatchObject({
        device: { reference: expect.stringMatching(/^Device\//) },
        derivedFrom: [{ reference: expect.stringMatching(/^Observation\//) }],
      })
    } finally {
      child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    }
  },
)
