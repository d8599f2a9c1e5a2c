import type Provider from 'oidc-provider'
import type { AuthorizationKeys } from './keys.ts'

type Handler = ReturnType<Provider['callback']>
export type ProviderInUse = {
  current: () => Provider
  /** Hands a request to the provider of now. */
  handle: Handler
  /** Looks whether the keys are others, and takes up those. */
  refresh: () => Promise<void>
  close: () => void
}

/** So long after the moment at which the keys change they are looked at: by then they have. */
const AFTER_MILLISECONDS = 50
/** So long after a fault it looks again: a database that is away shall not be asked all the time. */
const RETRY_MILLISECONDS = 5_000
/** A timer cannot be set further ahead; it is then set anew. */
const TIMER_MILLISECONDS_MAX = 2 ** 31 - 1

/**
 * The library is given its keys when it is made. So that they can change without a restart it is made anew, and requests that
 * come from then on go to the new one; it keeps nothing in memory that could be lost.
 */
export async function followKeys(
  read: () => Promise<AuthorizationKeys>,
  make: (keys: AuthorizationKeys) => Provider,
  onFault: (error: unknown) => void,
): Promise<ProviderInUse> {
  let timer: NodeJS.Timeout | undefined
  let keys = await read()
  let current = make(keys)
  let handler = current.callback()

  const setTimer = (atLeast: number) => {
    clearTimeout(timer)
    if (!keys.validUntil) return
    const untilChange = keys.validUntil.getTime() - Date.now() + AFTER_MILLISECONDS
    const wait = Math.min(Math.max(untilChange, atLeast), TIMER_MILLISECONDS_MAX)
    timer = setTimeout(() => void refresh(), wait).unref()
  }
  const refresh = async () => {
    try {
      const now = await read()
      const isSame = namesOf(now) === namesOf(keys)
      keys = now
      if (!isSame) {
        current = make(keys)
        handler = current.callback()
      }
    } catch (error) {
      onFault(error)
      return setTimer(RETRY_MILLISECONDS)
    }
    setTimer(AFTER_MILLISECONDS)
  }
  setTimer(AFTER_MILLISECONDS)
  return { current: () => current, handle: (req, res) => handler(req, res), refresh, close: () => clearTimeout(timer) }
}

/** Which keys, and in which order. */
const namesOf = ({ signing, cookie }: AuthorizationKeys) => JSON.stringify([signing.map(({ kid }) => kid), cookie])
