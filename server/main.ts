// Nothing else is imported here: what is loaded before the compiled modules are asked for is compiled anew at each start.
import { keepCompiled } from './process/compile-cache.ts'
import { beginAnewAsWorker } from './process/young-generation.ts'

beginAnewAsWorker()
keepCompiled()
await import('./start.ts')
