import { isFork } from './forks.ts'
import type { Lifetime } from './lifetime.ts'

/**
 * Ends `lifetime` when the process is asked to end, then exits with 0; with 1 if something could not be stopped.
 * A fork leaves Ctrl-C to the process that started it, and ends with that one.
 */
export function onShutdown(lifetime: Lifetime, report: (error: unknown) => void): void {
  const end = () => {
    lifetime.end().then(
      () => process.exit(0),
      (error: unknown) => {
        report(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', isFork ? () => {} : end)
  process.on(isFork ? 'disconnect' : 'SIGHUP', end)
}
