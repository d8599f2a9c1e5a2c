import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Rooms that the patient's browser runs too. */
const CORE = ['decide', 'apply']
const SERVER = join(import.meta.dirname, '..')

test.each(CORE)('%s/ runs in a browser: nothing that it imports is of Node, of the database or of HTTP', (room) => {
  const files = readdirSync(join(SERVER, room), { recursive: true, encoding: 'utf8' }).filter(
    (file) => /(?<!\.test)\.ts$/.test(file) && !/(^|\/)test-/.test(file),
  )
  const { seen, outside } = importsFrom(files.map((file) => join(SERVER, room, file)))
  expect(files.length).toBeGreaterThan(5)
  expect([...outside].filter((name) => !/^(fhirpath(\/fhir-context\/r4)?|temporal-polyfill)$/.test(name))).toEqual([])
  expect([...seen].filter((file) => /server\/(db|store|http|outbox|plans)\//.test(file))).toEqual([])
})

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
