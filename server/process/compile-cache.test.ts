import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SERVER = join(import.meta.dirname, '..')
const importsOf = (file: string) =>
  [...readFileSync(join(SERVER, file), 'utf8').matchAll(/^import .* from '(.*)'$/gm)].map(([, from]) => from)

const folder = mkdtempSync(join(tmpdir(), 'fylgje-compiled-'))
afterAll(() => rmSync(folder, { recursive: true }))
/** Files that Node has named by a hash of what they were compiled from. */
const keptIn = (place: string) =>
  readdirSync(place, { recursive: true }).filter((file) => /cache.*\/[0-9a-f]+$/.test(String(file))).length

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

test('the program imports nothing before compiled modules are asked for', () => {
  expect(importsOf('main.ts')).toEqual(['./process/compile-cache.ts'])
  expect(importsOf('process/compile-cache.ts').every((from) => from?.startsWith('node:'))).toBe(true)
})

test('modules are kept in the folder that is named, which threads are told too', () => {
  const { stdout, stderr } = run(`console.log(process.env.NODE_COMPILE_CACHE); await import('${SERVER}/turns.ts')`)
  expect([stdout.trim(), stderr]).toEqual([join(folder, 'cache'), ''])
  expect(keptIn(folder)).toBeGreaterThan(0)
})

test('a checkout that is moved with its packages compiles nothing anew', () => {
  const [before, after] = [join(folder, 'before'), join(folder, 'after')]
  const start = (checkout: string) =>
    spawnSync(process.execPath, [join(checkout, 'server/main.ts')], {
      ...{ encoding: 'utf8', timeout: 60_000, env: { PATH: process.env.PATH ?? '' } },
    }).stdout
  cpSync(join(SERVER, 'process/compile-cache.ts'), join(before, 'server/process/compile-cache.ts'))
  writeFileSync(join(before, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(before, 'server/main.ts'),
    `import { keepCompiled } from './process/compile-cache.ts'\nkeepCompiled()\nawait import('./rest.ts')`,
  )
  writeFileSync(join(before, 'server/rest.ts'), `console.log('runs')`)
  expect(start(before)).toBe('runs\n')
  const kept = keptIn(before)
  expect(kept).toBeGreaterThan(0)
  cpSync(before, after, { recursive: true })
  expect([start(after), keptIn(after)]).toEqual(['runs\n', kept])
})

test('where nothing can be kept, the program runs all the same', () => {
  const { status, stdout } = run(`console.log('runs')`, { NODE_COMPILE_CACHE: join(folder, 'program.ts', 'none') })
  expect([status, stdout.trim()]).toEqual([0, 'runs'])
})
