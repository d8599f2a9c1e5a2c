/** Something to wait at until it is rung; a ring while nobody waits is kept for the next who does. */
export type Bell = { ring: () => void; wait: (milliseconds: number) => Promise<void> }

export function createBell(): Bell {
  let rung = false
  let wakeUp: (() => void) | undefined
  return {
    ring() {
      rung = true
      wakeUp?.()
    },
    async wait(milliseconds) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timeout = setTimeout(resolve, milliseconds)
          wakeUp = () => {
            clearTimeout(timeout)
            resolve()
          }
        })
      }
      wakeUp = undefined
      rung = false
    },
  }
}
