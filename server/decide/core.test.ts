import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { CORE_ROOMS } from '../plans/core-stamp.ts'

/** Rooms that the patient's browser runs too. */
const CORE = ['decide', 'apply']
const SERVER = join(import.meta.dirname, '..')

test.each(CORE)('%s/ runs in a browser: nothing that it imports is of Node, of the database or of HTTP', (room) => {
  const files = filesOf(room)
  const { seen, outside } = importsFrom(files)
  expect(files.length).toBeGreaterThan(5)
  expect([...outside].filter((name) => !/^(fhirpath(\/fhir-context\/r4)?|temporal-polyfill)$/.test(name))).toEqual([])
  expect([...seen].filter((file) => /server\/(db|store|http|outbox|plans)\//.test(file))).toEqual([])
})

test('the stamp of a decision is of everything that decides', () => {
  const rooms = [...importsFrom(filesOf('decide')).seen].map((file) => relative(SERVER, file).split('/')[0])
  expect([...new Set(rooms)].sort()).toEqual(CORE_ROOMS)
})

const filesOf = (room: string): string[] =>
  readdirSync(join(SERVER, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.test)\.ts$/.test(file) && !/(^|\/)test-/.test(file))
    .map((file) => join(SERVER, room, file))

/** Everything that files need when they run; types are gone by then. */
function importsFrom(files: string[]): { seen: Set<string>; outside: Set<string> } {
  const seen = new Set<string>()
  const outside = new Set<string>()
  const visit = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, typeOnly, from = ''] of text.matchAll(/^(?:import|export)( type)? [^;]*?from '([^']+)'/gms)) {
      if (typeOnly) continue
      if (from.startsWith('.')) visit(join(dirname(file), from))
      else outside.add(from)
    }
  }
  files.forEach(visit)
  return { seen, outside }
}
