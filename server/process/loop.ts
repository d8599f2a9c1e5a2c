import { createBell } from './bell.ts'

export type Loop = {
  /** There may be something to do. Cheap; may be called after every write. */
  wake(): void
  /** Ends after the turn that is under way. */
  stop(): Promise<void>
}

/**
 * Works turn after turn, until it is stopped.
 * @param turn does what there is and says for how many milliseconds to wait for a call, 0: not at all. It must not throw. A long one
 *             asks `isStopped` now and then
 */
export function startLoop(turn: (isStopped: () => boolean) => Promise<number>): Loop {
  const bell = createBell()
  let stopped = false

  async function run(): Promise<void> {
    while (!stopped) {
      const wait = await turn(() => stopped)
      if (wait > 0 && !stopped) await bell.wait(wait)
    }
  }

  const running = run()
  return {
    wake: bell.ring,
    async stop() {
      stopped = true
      bell.ring()
      await running
    },
  }
}
