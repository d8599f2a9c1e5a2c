import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The rooms of core/ that decide: all that `decide/` needs of ours when it runs. */
export const CORE_ROOMS = ['decide', 'fhir', 'fhirpath', 'news2', 'requests']

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
  for (const room of CORE_ROOMS) {
    const folder = fileURLToPath(new URL(`../core/${room}/`, import.meta.url))
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    for (const file of files.filter((name) => /(?<!\.test)\.ts$/.test(name)).sort()) {
      hash.update(`${room}/${file}`).update(readFileSync(`${folder}${file}`))
    }
  }
  return hash.digest('hex').slice(0, 16)
}
