import { setTimeout as sleep } from 'node:timers/promises'

const TRIES = 400
const PAUSE_MILLISECONDS = 50

/** Looks again and again until it is as wanted. @throws Error with what was seen last */
export async function eventually<T>(look: () => Promise<T>, isWanted: (seen: T) => boolean): Promise<T> {
  let seen = await look()
  for (let i = 0; i < TRIES && !isWanted(seen); i++) {
    await sleep(PAUSE_MILLISECONDS)
    seen = await look()
  }
  if (!isWanted(seen)) throw new Error(`It did not come; there is ${JSON.stringify(seen)}`)
  return seen
}
