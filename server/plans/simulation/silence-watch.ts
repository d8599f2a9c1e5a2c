const TICK_MILLISECONDS = 1_000

/**
 * Tells when somebody has said nothing for so many seconds in which this process ran. One that stood still meanwhile, with its machine or
 * by itself, was silent together with whom it listens to: a clock on the wall would blame them for it.
 */
export function watchSilence(secondsMax: number, onSilent: () => void): { heard(): void; end(): void } {
  let seconds = 0
  const ticks = setInterval(() => {
    seconds += 1
    if (seconds === secondsMax) onSilent()
  }, TICK_MILLISECONDS)
  return {
    heard() {
      seconds = 0
    },
    end: () => clearInterval(ticks),
  }
}
