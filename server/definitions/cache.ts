import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DerivedDefinitions, deriveDefinitions } from './derive.ts'
import { KEPT_FOLDER, keep, keptFile } from './kept.ts'

const SOURCES = ['derive.ts', 'cut-profile.ts'].map((file) => join(import.meta.dirname, file))

/**
 * The derived definitions, from the file of an earlier start if there is one. Without a file, or where none can be written
 * (a read-only image), they are derived anew, which takes about two seconds more.
 */
export function readDerivedDefinitions(folder = KEPT_FOLDER): DerivedDefinitions {
  const file = keptFile('definitions', 'json', SOURCES, folder)
  const kept = readKept(file)
  if (kept) return kept
  const derived = deriveDefinitions()
  keep(file, JSON.stringify(derived))
  return derived
}

function readKept(file: string): DerivedDefinitions | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DerivedDefinitions
  } catch {
    return undefined // Not there, not readable, or cut short by a full disk: it is only a copy.
  }
}
