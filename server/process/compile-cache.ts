import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/** Beside the packages, so that `npm ci` clears both, and only who may install may change what will be run. */
const CACHE_FOLDER = join(import.meta.dirname, '../../node_modules/.cache/fylgje/compiled')

/**
 * Keeps modules as Node has compiled them, with the types stripped, for the next start: that saves about half of its processor time
 * (1.1 s instead of 2.0). They are written when the process ends in order; where they cannot be (a read-only image), it starts without.
 * A checkout that is moved or copied with its packages takes them along: they are named by their way from this folder.
 * @see https://nodejs.org/api/module.html#moduleenablecompilecachecachedir
 */
export function keepCompiled(): void {
  enableCompileCache({ directory: CACHE_FOLDER, portable: true })
  // Threads and forks ask their environment. Where somebody has named another folder there, Node uses that already.
  process.env.NODE_COMPILE_CACHE ??= CACHE_FOLDER
  process.env.NODE_COMPILE_CACHE_PORTABLE ??= '1'
}
