import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What decides: its own rooms. */
const ROOMS = ['../decide/', '../fhirpath/'].map((room) => fileURLToPath(new URL(room, import.meta.url)))

let stamp: string | undefined

/**
 * Which source of the deciding core runs here. A decision that comes out otherwise under the same stamp is a fault; under
 * another stamp the core has been changed since.
 */
export function coreStamp(): string {
  stamp ??= readStamp()
  return stamp
}

function readStamp(): string {
  const hash = createHash('sha256')
  for (const room of ROOMS) {
    const files = readdirSync(room).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    for (const file of files.sort()) hash.update(file).update(readFileSync(`${room}${file}`))
  }
  return hash.digest('hex').slice(0, 16)
}
