import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { expect, test } from '@jest/globals'

const SERVER = import.meta.dirname

/** The floors as docs/house.md tells them: `| 6 | `interactions/`, `operations/` | … |`. */
const FLOORS = readFloors(readFileSync(join(SERVER, '../docs/house.md'), 'utf8'))
const FILES = readdirSync(SERVER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
/** Tests, and what is made for tests alone, may reach everywhere. */
const isForTests = (file: string) => /\.test\.ts$|(^|\/)test-[^/]+\.ts$/.test(file) || roomOf(file) === 'journeys/'
const RUNNING = FILES.filter((file) => !isForTests(file))
/** Whatever imports from one another; a type says the shape of what is exported beside it, and needs no other user. */
const FOLDERS = ['server', 'smart-apps', 'scripts', 'fhir-profiles', 'plandefinitions']
const IMPORTS = new Map(RUNNING.map((file) => [file, importsOf(file)]))

test('every room and every file at the top stands on a floor of docs/house.md', () => {
  const rooms = new Set([...IMPORTS.keys()].map(roomOf))
  expect([...rooms].filter((room) => !FLOORS.has(room))).toEqual([])
})

test('docs/house.md tells of no room that is not there', () => {
  const rooms = new Set(FILES.map(roomOf))
  expect([...FLOORS.keys()].filter((room) => !rooms.has(room))).toEqual([])
})

test('imports point down, or stay in their room', () => {
  const upwards = [...IMPORTS].flatMap(([file, targets]) =>
    targets.filter((target) => !pointsDown(roomOf(file), roomOf(target))).map((target) => `${file} → ${target}`),
  )
  expect(upwards).toEqual([])
})

test('no file imports itself by a detour', () => {
  expect(findCircle()).toEqual([])
})

test('nothing that runs imports what is made for tests', () => {
  const reaching = [...IMPORTS].flatMap(([file, targets]) =>
    targets.filter(isForTests).map((target) => `${file} → ${target}`),
  )
  expect(reaching).toEqual([])
})

test('no name says where code was left instead of what it is', () => {
  expect(
    FILES.filter((file) => file.split(sep).some((part) => /^(utils?|helpers?|common|lib|misc)(\.ts)?$/.test(part))),
  ).toEqual([])
})

test('what a file exports, another file uses', () => {
  const written = FOLDERS.flatMap((folder) =>
    readdirSync(join(SERVER, '..', folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => join(folder, file)),
  ).map((file) => ({ file, text: readFileSync(join(SERVER, '..', file), 'utf8') }))
  // What a file uses of others it names before its last import ends; what is imported only when it is needed, anywhere.
  const imported = new Set(
    written.flatMap(({ text }) => {
      const end = text.includes("import('.") ? text.length : Math.max(0, text.lastIndexOf(" from '."))
      return text.slice(0, end).match(/\w+/g) ?? []
    }),
  )
  const forNobody = written.flatMap(({ file, text }) =>
    [...text.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)]
      .filter(([, name = '']) => !imported.has(name))
      .map(([, name]) => `${file}: ${name}`),
  )
  expect(forNobody).toEqual([])
})

test('every file that the README or a page of docs/ names is there, and the README leads to every page', () => {
  const root = join(SERVER, '..')
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((page) => `docs/${page}`)]
  const named = pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) => {
      const text = readFileSync(join(root, page), 'utf8')
      const inCode = [...text.matchAll(NAMED_IN_CODE)].map(([, path = '']) => ({ page, path }))
      const linked = [...text.matchAll(LINKED)].map(([, path = '']) => ({ page, path: join(dirname(page), path) }))
      return [...inCode, ...linked]
    })
  expect(named.length).toBeGreaterThan(100)
  expect(named.filter(({ path }) => !existsSync(join(root, path)))).toEqual([])
  const led = new Set(named.filter(({ page }) => page === 'README.md').map(({ path }) => path))
  expect(pages.filter((page) => page.startsWith('docs/') && page.endsWith('.md') && !led.has(page))).toEqual([])
})

/** `server/main.ts`, and not `plandefinitions/<pathway>/` or `server/*.ts`, which stand for many. */
const NAMED_IN_CODE = new RegExp(`\`((?:${FOLDERS.join('|')}|docs)/[\\w./-]*)\``, 'g')
/** `[text](docs/house.md)`, without its place within the page. */
const LINKED = /\]\((?!https?:|#)([^)#\s]+)/g

function pointsDown(from: string, to: string): boolean {
  return from === to || (FLOORS.get(to) ?? Number.POSITIVE_INFINITY) < (FLOORS.get(from) ?? 0) || isNeighbour(from, to)
}

/** A single file is no room of its own: rooms on its floor may use it, as `db/` does `log.ts`. Rooms do not use each other so. */
function isNeighbour(from: string, to: string): boolean {
  return FLOORS.get(from) === FLOORS.get(to) && to.endsWith('.ts')
}

function readFloors(text: string): Map<string, number> {
  const floors = new Map<string, number>()
  for (const [, floor, rooms] of text.matchAll(/^\| (\d+) \| ([^|]+)\|/gm)) {
    for (const [, room] of (rooms ?? '').matchAll(/`([^`]+)`/g)) floors.set(room ?? '', Number(floor))
  }
  return floors
}

/** `store/` for a file in it, `core/decide/` for one in a room of the core, its own name for a file at the top. */
function roomOf(file: string): string {
  const [first = '', ...rest] = file.split(sep)
  if (first === 'core' && rest.length > 1) return `core/${rest[0]}/`
  return rest.length ? `${first}/` : first
}

/** The files of ours that a file imports, by type too: a type that points up is a dependency as well. */
function importsOf(file: string, { types } = { types: true }): string[] {
  const text = readFileSync(join(SERVER, file), 'utf8')
  const imports = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b([^'"`;]*?)\bfrom\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/g,
  )
  return [...imports]
    .filter(([, names]) => types || !/^\s*type\b/.test(names ?? ''))
    .map(([, , from, dynamic]) => relative(SERVER, join(SERVER, dirname(file), from ?? dynamic ?? '')))
}

/** The files of one circle of imports that are there when the program runs; types may refer to each other. */
function findCircle(): string[] {
  const done = new Set<string>()
  const visit = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    const targets = RUNNING.includes(file) ? importsOf(file, { types: false }) : []
    const circle = targets.map((target) => visit(target, [...path, file])).find(({ length }) => length > 0)
    done.add(file)
    return circle ?? []
  }
  return RUNNING.map((file) => visit(file, [])).find(({ length }) => length > 0) ?? []
}
