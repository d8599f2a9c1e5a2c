import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'
import { useSession } from '../session-context.ts'
import type { LiveState } from './live.ts'
import type { Criteria } from './subscription.ts'

/**
 * Looks again whenever something of this has changed, or may have.
 * @param patient  its id; undefined: of all whom somebody may see
 * @param isDrawn  false where a page is waiting for its first answer, which the server should not have to give beside a Subscription
 */
export function useLive(topic: Criteria['topic'], patient: string | undefined, look: () => void, isDrawn = true): void {
  const { live } = useSession()
  const latest = useRef(look)
  latest.current = look
  useEffect(() => {
    if (isDrawn) return live.watch({ topic, ...(patient && { patient }) }, () => latest.current())
  }, [live, topic, patient, isDrawn])
}

/** What is counted over all patients is counted anew so often at most: a team's day is many changes. */
const COUNT_MILLIS_MIN = 10_000

/** Looks again at figures when something of what they count has changed: soon after the first change, and then not for each. */
export function useLiveFigures(topic: Criteria['topic'], look: () => void): void {
  const lookedAt = useRef(0)
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latest = useRef(look)
  latest.current = look
  const lookInTime = useCallback(() => {
    waiting.current ??= setTimeout(
      () => {
        waiting.current = undefined
        lookedAt.current = Date.now()
        latest.current()
      },
      Math.max(0, lookedAt.current + COUNT_MILLIS_MIN - Date.now()),
    )
  }, [])
  useEffect(
    () => () => {
      clearTimeout(waiting.current)
      waiting.current = undefined
    },
    [],
  )
  useLive(topic, undefined, lookInTime)
}

/** How what is shown is kept as it is; undefined on a screen that watches nothing. */
export function useLiveState(): LiveState | undefined {
  const { live } = useSession()
  return useSyncExternalStore(live.subscribe, () => (live.isWatching() ? live.state() : undefined))
}
