/** However busy they are, nobody stays signed in for longer without proving anew who they are. */
export const SESSION_SECONDS_MAX = 8 * 3600

/** Without use a session of a browser ends after so long; as a setting says otherwise. */
export const SESSION_IDLE_SECONDS = 30 * 60

/**
 * How many seconds from `now` a session of a browser that is used now is good for, if it is not used again; 0 when it is over.
 * @param loginTs when whoever is signed in has proven who they are: seconds since 1970; undefined while nobody has
 * @see https://github.com/OWASP/ASVS/blob/v4.0.3/4.0/en/0x12-V3-Session-management.md 3.3.2
 */
export function sessionSecondsLeft(loginTs: number | undefined, idleSeconds: number, now: Date): number {
  if (loginTs === undefined) return idleSeconds
  const secondsLeft = loginTs + SESSION_SECONDS_MAX - Math.floor(now.getTime() / 1000)
  return Math.max(0, Math.min(idleSeconds, secondsLeft))
}

/** An app whose tokens last as long as the session comes for a new one while the session goes on: well before it would end. */
export const onlineTokenSeconds = (registeredSeconds: number, idleSeconds: number): number =>
  Math.min(registeredSeconds, Math.floor(idleSeconds / 2))
