import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** Clients come and go seldom; a new one may wait this long for its first call from a browser. */
const KEPT_MILLISECONDS = 30_000

/**
 * The origins from which browser apps may call: those of the redirect addresses of the registered clients, where their pages
 * come from. A token is needed all the same; this only decides which pages may use one from a browser.
 * @param demo whether the server runs in demo mode; without it a demo client is as unknown as any other
 */
export function createOrigins(db: Queryable, demo: boolean, now = Date.now): (origin: string) => Promise<boolean> {
  let kept: Promise<ReadonlySet<string>> | undefined
  let keptAt = 0
  return async (origin) => {
    if (!kept || now() - keptAt > KEPT_MILLISECONDS) {
      keptAt = now()
      kept = readOrigins(db, demo)
      // The next call asks again.
      kept.catch(() => {
        kept = undefined
      })
    }
    return (await kept).has(origin)
  }
}

async function readOrigins(db: Queryable, demo: boolean): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ uri: string }>(
    sql`SELECT unnest(redirect_uris) AS uri FROM oauth_client WHERE NOT demo OR ${demo}`,
  )
  // An app of a phone has an address of its own scheme, which has no origin.
  return new Set(rows.flatMap(({ uri }) => (/^https?:/.test(uri) && URL.canParse(uri) ? [new URL(uri).origin] : [])))
}
