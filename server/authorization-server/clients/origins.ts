import type { Queryable } from '../../db/pool.ts'
import { listRegistrations, originsOf } from './clients.ts'

/** A notice that is lost costs this long until a new client's pages may call. */
const KEPT_MILLISECONDS = 30_000

export type Origins = {
  allows: (origin: string) => Promise<boolean>
  /** Reads again at the next question, because a client has come, changed or gone. */
  forget: () => void
}

/**
 * The origins from which browser apps may call: those of the registered clients, where their pages come from. A token is
 * needed all the same; this only decides which pages may use one from a browser.
 * @param demo whether the server runs in demo mode; without it a demo client is as unknown as any other
 */
export function createOrigins(db: Queryable, demo: boolean, now = Date.now): Origins {
  let kept: Promise<ReadonlySet<string>> | undefined
  let keptAt = 0
  return {
    async allows(origin) {
      if (!kept || now() - keptAt > KEPT_MILLISECONDS) {
        keptAt = now()
        kept = readOrigins(db, demo)
        // The next call asks again.
        kept.catch(() => {
          kept = undefined
        })
      }
      return (await kept).has(origin)
    },
    forget() {
      kept = undefined
    },
  }
}

async function readOrigins(db: Queryable, demo: boolean): Promise<ReadonlySet<string>> {
  return new Set((await listRegistrations(db, demo)).flatMap(originsOf))
}
