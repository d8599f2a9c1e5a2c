import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SharedServer, shareServer } from './harness/share-server.ts'

const SCRIPT = join(import.meta.dirname, '../../scripts/load.ts')

let server: SharedServer
let folder: string
beforeAll(async () => {
  server = await shareServer()
  folder = mkdtempSync(join(tmpdir(), 'fylgje-load-'))
  const files = {
    'package.json': { name: 'example.package', version: '1.0.0' },
    'CodeSystem-colours.json': COLOURS,
    'ValueSet-colours.json': { ...ALL_COLOURS, id: undefined },
    'example/Patient-sample.json': { resourceType: 'Patient', id: 'sample' },
    'other/notes.json': { resourceType: 'Patient', id: 'notes' },
  }
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, 'package', name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, JSON.stringify(content))
  }
  spawnSync('tar', ['-czf', join(folder, 'package.tgz'), '-C', folder, 'package'])
})
afterAll(async () => {
  await server.giveBack()
  rmSync(folder, { recursive: true, force: true })
})

const COLOURS = {
  ...{ resourceType: 'CodeSystem', id: 'colours', url: 'http://example.org/CodeSystem/colours' },
  ...{ status: 'active', content: 'complete', concept: [{ code: 'red' }, { code: 'green' }] },
}
const ALL_COLOURS = {
  ...{ resourceType: 'ValueSet', url: 'http://example.org/ValueSet/all-colours', status: 'active' },
  compose: { include: [{ system: 'http://example.org/CodeSystem/colours' }] },
}

type Run = { code: number; output: string; errors: string }
const run = (...words: string[]): Promise<Run> =>
  new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...words], (error, output, errors) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, output, errors }),
    )
  })
const load = (path: string, ...more: string[]) => run(join(folder, path), '--base', server.baseUrl, ...more)

async function read(
  path: string,
): Promise<{ status: number; body: Record<string, unknown> & { meta?: { versionId: string } } }> {
  const response = await fetch(`${server.fhir}/${path}`, {
    headers: { authorization: `Bearer ${await server.token()}` },
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

test('a package is loaded once, however often it is asked for; its examples only when asked', async () => {
  const first = await load('package.tgz')
  expect(first).toMatchObject({ code: 0, errors: '' })
  expect(first.output).toContain('2 of 2 · 2 created · 0 updated · 0 the same · 0 refused')
  const expanded = await read('ValueSet/all-colours/$expand')
  expect(expanded.body.expansion).toMatchObject({ total: 2 })
  expect((await read('Patient/sample')).status).toBe(404)

  const again = await load('package.tgz', '--examples')
  expect(again.output).toContain('3 of 3 · 1 created · 0 updated · 2 the same · 0 refused')
  expect((await read('CodeSystem/colours')).body.meta?.versionId).toBe('1')
  expect((await read('Patient/notes')).status).toBe(404)
})

test('a folder brings what has changed, and names what is refused without leaving out the rest', async () => {
  mkdirSync(join(folder, 'more'))
  const changed = { ...COLOURS, concept: [...COLOURS.concept, { code: 'blue' }] }
  writeFileSync(join(folder, 'more/a.json'), JSON.stringify({ resourceType: 'Observation', id: 'no-status', code: {} }))
  writeFileSync(join(folder, 'more/b.json'), JSON.stringify(changed))
  writeFileSync(join(folder, 'more/c.json'), 'no JSON')
  const { code, output } = await load('more')
  expect(code).toBe(1)
  expect(output).toContain('2 resources in')
  expect(output).toContain('1 files hold none')
  expect(output).toMatch(/refused Observation\/no-status: 400 .*status/)
  expect(output).toContain('2 of 2 · 0 created · 1 updated · 0 the same · 1 refused')
})

test('a plan that is active elsewhere comes in as a draft where that is asked for, and once', async () => {
  mkdirSync(join(folder, 'plans'))
  const plan = { resourceType: 'PlanDefinition', id: 'loaded', url: 'http://example.org/fhir/PlanDefinition/loaded' }
  writeFileSync(join(folder, 'plans/a.json'), JSON.stringify({ ...plan, version: '1.0.0', status: 'active' }))
  expect((await load('plans', '--drafts')).output).toContain('1 of 1 · 1 created')
  expect((await read('PlanDefinition/loaded')).body.status).toBe('draft')
  expect((await load('plans', '--drafts')).output).toContain('1 of 1 · 0 created · 0 updated · 1 the same')
  // It is a draft now: nobody makes it active by writing it.
  const refused = await load('plans')
  expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('load it again with --drafts')])
})

test.each([
  [['none.tgz'], 'cannot be read'],
  [['package.tgz', '--parallel', 'many'], '--parallel many'],
  [['package.tgz', '--colour'], '--colour'],
] as const)('%p is one clear line and not done', async (words, said) => {
  const [path, ...more] = words
  const { code, errors } = await load(path, ...more)
  expect(code).toBe(1)
  expect(errors).toContain(said)
  expect(errors.trim().split('\n')).toHaveLength(1)
})

test('a server that is not there is told in one line', async () => {
  const { code, errors } = await run(join(folder, 'package.tgz'), '--base', 'http://127.0.0.1:9')
  expect([code, errors]).toEqual([1, 'The server does not answer; --base says where it is.\n'])
})
