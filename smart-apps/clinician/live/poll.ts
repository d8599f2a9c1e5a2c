import type { Watch } from './watch.ts'

/** Without a socket it is looked so often, while the page is seen. */
export const POLL_MILLIS = 15_000
/** Measurements are read as a whole, which may be months of them: looked for so many times less often. */
const MEASURED_POLLS = 4

export type Polling = {
  /** Looks at once at what is not told, and from then on now and then; not at all where everything is. */
  begin(): void
  end(): void
}

/** @param isTold whether the server tells of it, so that nothing need be looked for */
export function createPolling(
  watches: ReadonlyMap<string, Watch>,
  isTold: (watch: Watch) => boolean,
  look: (watch: Watch) => void,
): Polling {
  let ticking: ReturnType<typeof setInterval> | undefined
  const end = () => clearInterval(ticking)
  return {
    begin() {
      end()
      if ([...watches.values()].every(isTold)) return
      let polls = 0
      const pollOnce = () => {
        for (const watch of watches.values()) {
          const isTurn = watch.criteria.topic !== 'measurements' || polls % MEASURED_POLLS === 0
          if (!isTold(watch) && isTurn) look(watch)
        }
        polls += 1
      }
      pollOnce()
      ticking = setInterval(pollOnce, POLL_MILLIS)
    },
    end,
  }
}
