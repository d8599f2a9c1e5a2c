import { useEffect, useRef, useSyncExternalStore } from 'react'
import { useSession } from '../session-context.ts'
import type { LiveState } from './live.ts'
import type { Criteria } from './subscription.ts'

/** Looks again whenever something of this has changed, or may have. */
export function useLive(topic: Criteria['topic'], filter: string | undefined, look: () => void): void {
  const { live } = useSession()
  const latest = useRef(look)
  latest.current = look
  useEffect(() => live.watch({ topic, ...(filter && { filter }) }, () => latest.current()), [live, topic, filter])
}

/** How what is shown is kept as it is; undefined on a screen that watches nothing. */
export function useLiveState(): LiveState | undefined {
  const { live } = useSession()
  return useSyncExternalStore(live.subscribe, () => (live.isWatching() ? live.state() : undefined))
}
