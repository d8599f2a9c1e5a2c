import { keep, kept } from './kept.ts'

/** What somebody does who is there. */
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const
/** How often it is looked whether anybody still is: a machine that slept has rung no clock. */
const LOOK_MILLIS = 5_000

export type Presence = {
  now(): number
  /** When somebody was last seen, in whichever window of the app; undefined for never. */
  seenAt(): number | undefined
  seen(at: number): void
  /** Calls at each sign of somebody. @returns what ends it */
  onSign(run: () => void): () => void
  every(millis: number, run: () => void): () => void
}

/**
 * Calls once nobody has touched any window of the app for so long. What the app asks by itself is no sign of anybody.
 * @returns what ends the watch
 */
export function watchIdle(presence: Presence, idleMillis: number, onIdle: () => void): () => void {
  // Whoever has just signed in was noted then; a page that is opened again is no sign of anybody.
  let noted = presence.seenAt() ?? presence.now()
  const stopSigns = presence.onSign(() => {
    const at = presence.now()
    // A sign that comes when it is over already, before that was looked for, begins nothing anew.
    if (at - lastSeen() >= idleMillis) return look()
    if (at - noted < LOOK_MILLIS) return
    noted = at
    presence.seen(at)
  })
  const stopLooking = presence.every(LOOK_MILLIS, look)
  const stop = () => {
    stopSigns()
    stopLooking()
  }
  return stop

  function lastSeen(): number {
    return Math.max(noted, presence.seenAt() ?? 0)
  }
  function look(): void {
    if (presence.now() - lastSeen() < idleMillis) return
    stop()
    onIdle()
  }
}

/** By the page, and by what the windows of one browser share. Where a frame is kept from that, each window is by itself. */
export function presenceInBrowser(name: string): Presence {
  return {
    now: Date.now,
    seenAt() {
      try {
        return Number(localStorage.getItem(name)) || undefined
      } catch {
        return kept<number>(name)
      }
    },
    seen(at) {
      try {
        localStorage.setItem(name, String(at))
      } catch {
        keep(name, at)
      }
    },
    onSign(run) {
      const options = { capture: true, passive: true }
      for (const sign of SIGNS) addEventListener(sign, run, options)
      return () => {
        for (const sign of SIGNS) removeEventListener(sign, run, options)
      }
    },
    every(millis, run) {
      const timer = setInterval(run, millis)
      return () => clearInterval(timer)
    },
  }
}
