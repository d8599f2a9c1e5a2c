// Test files and what they import are loaded by Node itself, as the server's are, and kept for the worker's other files.
import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import type jestRuntime from 'jest-runtime'

const require = createRequire(import.meta.url)
const { default: Runtime } = require('jest-runtime') as typeof jestRuntime
const GLOBALS = new URL('./globals-of-file.ts', import.meta.url).href

// What a file gets by this name is jest's for that file, so no two may share it.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals'
      ? { url: `${GLOBALS}?of=${encodeURIComponent(context.parentURL ?? '')}`, shortCircuit: true }
      : next(specifier, context),
})

/** How often each file has been run in this process: what has been loaded is not loaded again under the same address. */
const runs = new Map<string, number>()

/** @see https://jestjs.io/docs/configuration#runtime-string */
class NativeRuntime extends Runtime {
  private readonly testPath: string

  constructor(...given: ConstructorParameters<typeof Runtime>) {
    super(...given)
    this.testPath = given[6]
  }

  /** Node knows for itself what is CommonJS, and needs no flag for the rest. */
  override unstable_shouldLoadAsEsm(): boolean {
    return true
  }

  override async unstable_importModule(path: string): Promise<unknown> {
    const url = pathToFileURL(path)
    if (path !== this.testPath) return import(url.href)
    const { jest } = this.requireModuleOrMock<{ jest: unknown }>(path, '@jest/globals')
    Object.assign(globalThis, { jest })
    const run = runs.get(path) ?? 0
    runs.set(path, run + 1)
    if (run > 0) url.searchParams.set('run', String(run))
    return import(url.href)
  }

  /** jest-circus and what it is made of. Its state is a file's own; whatever else there is of it may be shared. */
  override requireInternalModule<T = unknown>(from: string, to?: string): T {
    if (to !== undefined) return createRequire(from)(to) as T
    delete require.cache[from]
    return require(from) as T
  }
}

// jest asks for it by require().
export { NativeRuntime as 'module.exports' }
