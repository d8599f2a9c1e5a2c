import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SERVER = join(import.meta.dirname, '..')
const importsOf = (file: string) =>
  [...readFileSync(join(SERVER, file), 'utf8').matchAll(/^import .* from '(.*)'$/gm)].map(([, from]) => from)

const folder = mkdtempSync(join(tmpdir(), 'fylgje-compiled-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a program that keeps its modules in a folder of the test's. */
function run(program: string, env: { [name: string]: string } = {}) {
  const file = join(folder, 'program.ts')
  writeFileSync(file, `import { keepCompiled } from '${SERVER}/process/compile-cache.ts'\nkeepCompiled()\n${program}`)
  return spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: join(folder, 'cache'), ...env },
  })
}
const keptCount = () =>
  readdirSync(folder, { recursive: true }).filter((file) => /cache.*\/[0-9a-f]+$/.test(String(file))).length

test('the program imports nothing before compiled modules are asked for', () => {
  expect(importsOf('main.ts')).toEqual(['./process/compile-cache.ts'])
  expect(importsOf('process/compile-cache.ts').every((from) => from?.startsWith('node:'))).toBe(true)
})

test('modules are kept in the folder that is named, which threads are told too', () => {
  const { stdout, stderr } = run(`console.log(process.env.NODE_COMPILE_CACHE); await import('${SERVER}/turns.ts')`)
  expect([stdout.trim(), stderr]).toEqual([join(folder, 'cache'), ''])
  expect(keptCount()).toBeGreaterThan(0)
})

test('where nothing can be kept, the program runs all the same', () => {
  const { status, stdout } = run(`console.log('runs')`, { NODE_COMPILE_CACHE: join(folder, 'program.ts', 'none') })
  expect([status, stdout.trim()]).toEqual([0, 'runs'])
})
