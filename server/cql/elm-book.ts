import { createHash } from 'node:crypto'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Source, Translation } from './translation.ts'
import type { Translator } from './translator.ts'

/** The ELM of CQL that was translated before, by any process, or is translated now. */
export type ElmBook = Pick<Translator, 'translate'> & {
  /** @param includes the CQL of what the source includes; asked for only when it must be translated */
  elmOf(source: string, includes: () => Promise<Source[]>): Promise<Translation>
}

/** Changes with the translator, and with how it is asked. */
const TRANSLATOR = '@cqframework/cql 5.3.0'
const KEPT_COUNT_MAX = 500

export function createElmBook(db: Queryable, translator: Pick<Translator, 'translate'>): ElmBook {
  const kept = new Map<string, string>()
  const keep = (hash: string, elm: string) => {
    if (kept.size >= KEPT_COUNT_MAX) kept.delete(kept.keys().next().value ?? '')
    kept.set(hash, elm)
  }
  return {
    translate: translator.translate,
    async elmOf(source, includes) {
      const hash = createHash('sha256').update(TRANSLATOR).update('\n').update(source).digest('hex')
      const known = kept.get(hash) ?? (await readElm(db, hash))
      if (known !== undefined) {
        keep(hash, known)
        return { elm: known }
      }
      const translation = await translator.translate({ source, includes: await includes() })
      if (!('elm' in translation)) return translation
      await insertElm(db, hash, translation.elm)
      keep(hash, translation.elm)
      return translation
    },
  }
}

async function readElm(db: Queryable, hash: string): Promise<string | undefined> {
  const { rows } = await db.query<{ elm: string }>(sql`SELECT elm FROM cql_translation WHERE source_hash = ${hash}`)
  return rows[0]?.elm
}

async function insertElm(db: Queryable, hash: string, elm: string): Promise<void> {
  await db.query(
    sql`INSERT INTO cql_translation (source_hash, elm) VALUES (${hash}, ${elm}) ON CONFLICT (source_hash) DO NOTHING`,
  )
}
