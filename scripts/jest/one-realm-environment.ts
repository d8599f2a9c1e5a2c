// Where a test file runs: among Node's own globals, not in a context of its own, so that modules can be shared by the files of a worker.
import type { EnvironmentContext, JestEnvironment, JestEnvironmentConfig } from '@jest/environment'
import { ModernFakeTimers } from '@jest/fake-timers'
import { ModuleMocker } from 'jest-mock'

/** Where jest-circus keeps its listeners; they belong to one file each. */
const EVENT_HANDLERS = Symbol.for('EVENT_HANDLERS')

/** What a file may change for itself alone is put back when it ends. @see https://jestjs.io/docs/configuration#testenvironment-string */
class OneRealmEnvironment implements JestEnvironment {
  readonly global = globalThis as unknown as JestEnvironment['global']
  readonly fakeTimers = null
  readonly fakeTimersModern: ModernFakeTimers
  readonly moduleMocker = new ModuleMocker(globalThis)
  private readonly before = {
    env: { ...process.env },
    console: globalThis.console,
    exit: process.exit,
    getBuiltinModule: process.getBuiltinModule,
  }

  constructor({ projectConfig }: JestEnvironmentConfig, _context: EnvironmentContext) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis })
    delete (globalThis as { [EVENT_HANDLERS]?: unknown })[EVENT_HANDLERS]
  }

  async setup(): Promise<void> {
    // The runtime has put one in its place that would ask jest's own registry of modules, which is not used here.
    process.getBuiltinModule = this.before.getBuiltinModule
    // jest looks in source maps for every line of every stack, also of the errors that a library makes for each call to know where it was
    // made. Types are taken out in place, so lines and columns are those of the source.
    delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace
  }

  async teardown(): Promise<void> {
    this.fakeTimersModern.dispose()
    const { env, console, exit } = this.before
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
    Object.assign(process.env, env)
    Object.assign(globalThis, { console })
    process.exit = exit
  }

  exportConditions(): string[] {
    return ['node', 'node-addons']
  }

  getVmContext(): null {
    return null
  }
}

// jest asks for it by require().
export { OneRealmEnvironment as 'module.exports' }
