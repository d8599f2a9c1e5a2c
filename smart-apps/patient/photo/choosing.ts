import type { Photo } from './photo.ts'

/** @property isBusy a picture is being made ready. @property hasFailed the last that was chosen cannot be used */
export type Choice = { photo?: Photo; isBusy: boolean; hasFailed: boolean }
const NOTHING: Choice = { isBusy: false, hasFailed: false }

export type Choosing = {
  choose(file: Blob): void
  remove(): void
  /** Once nothing is being made ready any more, also of what is chosen while this waits. */
  settled(): Promise<Choice>
}

/**
 * A picture is big when it is chosen, and takes a moment to be made small. Of several the last that was chosen counts, whichever is ready
 * first; one that was removed meanwhile is gone.
 */
export function choosing(shrink: (file: Blob) => Promise<Photo>, onChange: (choice: Choice) => void): Choosing {
  let choice = NOTHING
  let pending: Promise<void> = Promise.resolve()
  const become = (next: Choice) => {
    choice = next
    onChange(next)
  }
  return {
    choose(file) {
      // What was there stays until the new one is ready, and also where that cannot be used.
      const { photo } = choice
      const before = photo ? { photo } : {}
      const busy: Choice = { ...before, isBusy: true, hasFailed: false }
      become(busy)
      const isLatest = () => choice === busy
      pending = shrink(file).then(
        (made) => isLatest() && become({ photo: made, isBusy: false, hasFailed: false }),
        () => isLatest() && become({ ...before, isBusy: false, hasFailed: true }),
      ) as Promise<void>
    },
    remove: () => become(NOTHING),
    async settled() {
      while (choice.isBusy) await pending
      return choice
    },
  }
}
