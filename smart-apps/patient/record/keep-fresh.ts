/** An app that lies open, or is taken up again, does not show yesterday's zone and limits: it is read at least so often. */
const EVERY_MILLIS = 3 * 60_000

type Page = EventTarget & { readonly visibilityState: DocumentVisibilityState }

/**
 * Reads anew when the net is back, when somebody takes the app up again, and now and then while they look at it.
 * @returns what ends it
 */
export function keepFresh(reload: () => void, net: EventTarget = globalThis, page: Page = document): () => void {
  const ifSeen = () => {
    if (page.visibilityState === 'visible') reload()
  }
  net.addEventListener('online', reload)
  page.addEventListener('visibilitychange', ifSeen)
  const timer = setInterval(ifSeen, EVERY_MILLIS)
  return () => {
    clearInterval(timer)
    net.removeEventListener('online', reload)
    page.removeEventListener('visibilitychange', ifSeen)
  }
}
