import type { Criteria } from './subscription.ts'

/** Something that somebody wants to be told of, and what is known of it. */
export type Watch = {
  criteria: Criteria
  looks: Set<() => void>
  /** Of its Subscription, once there is one. */
  id?: string
  isBound: boolean
  /** The server will not tell of this one, so it is looked for now and then, whatever is told of the others. */
  isRefused: boolean
  lookedAt: number
  looking?: ReturnType<typeof setTimeout> | undefined
  leaving?: ReturnType<typeof setTimeout> | undefined
}

export const NEW_WATCH = { isBound: false, isRefused: false, lookedAt: 0 }

/** What happens at once is looked at once; what goes on happening, so often. */
const GATHER_MILLIS = 60
const LOOK_MILLIS_MIN = 1_000

/** Lets whoever watches look, soon, and once for all that happens meanwhile. */
export function lookSoon(watch: Watch): void {
  if (watch.looking !== undefined) return
  const wait = Math.max(GATHER_MILLIS, watch.lookedAt + LOOK_MILLIS_MIN - Date.now())
  watch.looking = setTimeout(() => {
    watch.looking = undefined
    watch.lookedAt = Date.now()
    for (const one of watch.looks) one()
  }, wait)
}
