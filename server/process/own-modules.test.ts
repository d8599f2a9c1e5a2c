import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ownModule } from './own-modules.ts'

const folder = mkdtempSync(join(tmpdir(), 'fylgje-own-modules-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}

function run(program: string) {
  write('program.ts', `import { findOwnModules } from '${join(import.meta.dirname, 'own-modules.ts')}'\n${program}`)
  return spawnSync(process.execPath, [join(folder, 'program.ts')], { encoding: 'utf8', timeout: 60_000 })
}

test.each([
  ['./b.ts', 'file:///house/room/a.ts', 'file:///house/room/b.ts'],
  ['../hall/b.ts', 'file:///house/room/a.ts', 'file:///house/hall/b.ts'],
  // Asked for again, under another address.
  ['./b.ts?again', 'file:///house/room/a.ts', undefined],
  ['./b.js', 'file:///house/room/a.ts', undefined],
  ['./b', 'file:///house/room/a.ts', undefined],
  ['node:fs', 'file:///house/room/a.ts', undefined],
  ['a-package/b.ts', 'file:///house/room/a.ts', undefined],
  ['./b.ts', 'file:///house/node_modules/a-package/a.ts', undefined],
  ['./b.ts', 'file:///house/room/a.js', undefined],
  ['./b.ts', 'data:text/javascript,a.ts', undefined],
  ['./b.ts', undefined, undefined],
])('%s, imported by %s, is our own module %s', (specifier, importer, url) =>
  expect(ownModule(specifier, importer)).toBe(url),
)

test('what our modules import is the same module by whatever way, types and packages and all', () => {
  write('package.json', '{ "type": "module" }')
  write('node_modules/a-package/package.json', '{ "name": "a-package", "main": "main.js" }')
  write('node_modules/a-package/main.js', `exports.told = require('./told').told`)
  write('node_modules/a-package/told.js', `exports.told = 'from a package'`)
  write('room/one.ts', `export const one: object = {}\nexport { two } from '../hall/two.ts'`)
  write('hall/two.ts', `import { one } from '../room/one.ts'\nexport const two = (): object => one`)
  const { stdout, stderr } = run(`
    findOwnModules()
    const [{ one, two }, again, { told }] = await Promise.all(['./room/one.ts', './hall/../room/one.ts', 'a-package'].map((name) => import(name)))
    console.log(one === two(), again.one === one, told)`)
  expect([stdout, stderr]).toEqual(['true true from a package\n', ''])
})

test('a module that is not there is told of by its name', () => {
  const { status, stderr } = run(`findOwnModules()\nawait import('./missing.ts')`)
  expect([status, stderr]).toEqual([1, expect.stringContaining(join(folder, 'missing.ts'))])
})
