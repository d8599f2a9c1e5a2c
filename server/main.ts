// Nothing else is imported here: what is loaded before the compiled modules are asked for is compiled anew at each start.
import { keepCompiled } from './process/compile-cache.ts'

keepCompiled()
const { beginAnewAsWorker } = await import('./process/young-generation.ts')
beginAnewAsWorker()
const { findOwnModules } = await import('./process/own-modules.ts')
findOwnModules()
await import('./start.ts')
