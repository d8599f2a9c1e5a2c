import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bundle, TestScript } from '@medplum/fhirtypes'
import { type SharedServer, shareServer } from './harness/share-server.ts'

const ROOT = join(import.meta.dirname, '../..')
let server: SharedServer
let folder: string

beforeAll(async () => {
  server = await shareServer()
  folder = await mkdtemp(join(tmpdir(), 'fylgje-kit-'))
})
afterAll(async () => {
  await server.giveBack()
  await rm(folder, { recursive: true, force: true })
})

/** The kit as an integrator runs it. */
const kit = (...given: string[]) =>
  new Promise<{ code: number | null; said: string }>((resolve, reject) => {
    const env = { PATH: process.env.PATH, CLIENT_ID: 'demo-service', CLIENT_SECRET: 'demo-service-secret' }
    const child = spawn(
      join(ROOT, 'node_modules/.bin/node'),
      ['--no-warnings', join(ROOT, 'scripts/conformance-kit/kit.ts'), ...given],
      { env, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, said }))
  })

async function countOfPatients(): Promise<number> {
  const headers = { authorization: `Bearer ${await server.token()}` }
  const response = await fetch(`${server.fhir}/Patient?family=Pr%C3%B8vesen&_summary=count`, { headers })
  return ((await response.json()) as Bundle).total ?? -1
}

test('every case passes against this server, nothing of them stays, and the result is there for machines', async () => {
  const [json, junit] = [join(folder, 'results.json'), join(folder, 'results.xml')]
  const { code, said } = await kit('--base', server.fhir, '--json', json, '--junit', junit)
  expect([code, said.split('\n').filter((line) => line.startsWith('✗'))]).toEqual([0, []])
  const { counts, results } = JSON.parse(await readFile(json, 'utf8')) as {
    counts: { pass: number; fail: number }
    results: unknown[]
  }
  expect([counts.fail, results.length]).toEqual([0, counts.pass])
  expect((await readFile(junit, 'utf8')).match(/<testcase /g)).toHaveLength(counts.pass)
  expect(await countOfPatients()).toBe(0)
})

test('it says what it would write, and does nothing', async () => {
  const { code, said } = await kit('--base', server.fhir, '--dry-run', '--only', 'fhir/transaction')
  expect([code, said]).toEqual([0, expect.stringContaining('fhir/transaction: POST (Bundle)')])
  expect(said).not.toContain('✓')
})

test('a server that answers otherwise fails, with what it said, and nothing stays', async () => {
  const cases = join(folder, 'wrong')
  await cp(join(ROOT, 'scripts/conformance-kit/cases/fhir/incremental.json'), join(cases, 'incremental.json'))
  const path = join(cases, 'incremental.json')
  const script = JSON.parse(await readFile(path, 'utf8')) as TestScript
  script.test?.[0]?.action.push({
    assert: { expression: "type = 'nonsense'", value: 'true', warningOnly: false } as never,
  })
  await writeFile(path, JSON.stringify(script))
  const junit = join(folder, 'wrong.xml')
  const { code, said } = await kit('--base', server.fhir, '--cases', cases, '--junit', junit)
  expect([code, said]).toEqual([1, expect.stringContaining("type = 'nonsense' is false; expected equals true.")])
  expect(await readFile(junit, 'utf8')).toContain('<failure message=')
  expect(await countOfPatients()).toBe(0)
})

test.each([
  ['no server', [], 'Usage|npm run conformance'],
  ['no case of that name', ['--only', 'nonsense/'], 'no case'],
])('with %s it ends with 2', async (what, given, words) => {
  const { code, said } = await kit(...(what === 'no server' ? [] : ['--base', server.fhir]), ...given)
  expect([code, said]).toEqual([2, expect.stringMatching(new RegExp(words))])
})
