import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { CORE_ROOMS } from '../plans/core-stamp.ts'

const CORE = import.meta.dirname
const { dependencies: LIBRARIES } = packageOf(CORE)
const FILES = readdirSync(CORE, { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?<!\.test)\.ts$/.test(file) && !/(^|\/)test-/.test(file))
  .map((file) => join(CORE, file))

test('the core needs nothing but itself and the libraries that its package.json names, by type too: no Node, no database, no HTTP', () => {
  const imports = FILES.flatMap((file) => importsOf(file).map(({ from }) => ({ file, from })))
  const own = imports.filter(({ from }) => from.startsWith('.'))
  const outside = own.filter(({ file, from }) => relative(CORE, join(dirname(file), from)).startsWith('..'))
  expect(outside).toEqual([])
  const libraries = imports.filter(({ from }) => !from.startsWith('.')).map(({ from }) => libraryOf(from))
  expect([...new Set(libraries)].sort()).toEqual(Object.keys(LIBRARIES).sort())
  expect(own.length).toBeGreaterThan(300)
})

test('its libraries are those of the whole project, of the same versions', () => {
  const { dependencies, devDependencies } = packageOf(join(CORE, '../..'))
  expect({ ...devDependencies, ...dependencies }).toMatchObject(LIBRARIES)
})

test('the stamp of a decision is of everything that decides', () => {
  const seen = new Set<string>()
  const visit = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    for (const { from, isType } of importsOf(file))
      if (!isType && from.startsWith('.')) visit(join(dirname(file), from))
  }
  for (const file of FILES.filter((one) => relative(CORE, one).startsWith('decide/'))) visit(file)
  const rooms = [...seen].map((file) => relative(CORE, file).split('/')[0])
  expect([...new Set(rooms)].sort()).toEqual(CORE_ROOMS)
})

type Package = { dependencies: Record<string, string>; devDependencies?: Record<string, string> }
function packageOf(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

const libraryOf = (from: string): string => from.split('/', from.startsWith('@') ? 2 : 1).join('/')

function importsOf(file: string): { from: string; isType: boolean }[] {
  const found = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)( type)? [^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gms,
  )
  return [...found].map(([, type, from, dynamic]) => ({ from: from ?? dynamic ?? '', isType: type !== undefined }))
}
