import { useCallback, useEffect, useRef, useState } from 'react'
import { ACT_DONE } from './use-held-acts.ts'

/** The engine judges a change within a moment, later when much is going on; after the last look it has. */
const LOOK_AGAIN_MILLIS = [1_500, 4_000, 9_000, 18_000]

/**
 * Looks at once when an act of ours has been carried out, and at all of it a few times more, for what the server makes of it comes later.
 * @property hasLooked whether the last look since `expectMore` was called is over
 * @property soon the same for what was changed without an act
 */
export function useLookAgain(look: () => void, lookAtAll: () => void) {
  const [hasLooked, setHasLooked] = useState(false)
  const timers = useRef<ReturnType<typeof setTimeout>[]>([])
  const latest = useRef({ look, lookAtAll })
  latest.current = { look, lookAtAll }
  const soon = useCallback(() => {
    for (const timer of timers.current) clearTimeout(timer)
    latest.current.look()
    timers.current = LOOK_AGAIN_MILLIS.map((millis) =>
      setTimeout(() => {
        latest.current.lookAtAll()
        if (millis === LOOK_AGAIN_MILLIS.at(-1)) setHasLooked(true)
      }, millis),
    )
  }, [])
  useEffect(() => {
    addEventListener(ACT_DONE, soon)
    return () => {
      removeEventListener(ACT_DONE, soon)
      for (const timer of timers.current) clearTimeout(timer)
    }
  }, [soon])
  const expectMore = useCallback(() => setHasLooked(false), [])
  return { hasLooked, expectMore, soon }
}
