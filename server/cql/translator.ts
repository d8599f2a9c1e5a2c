import { createHash } from 'node:crypto'
import { createThreadPool, Overrun } from '../process/thread-pool.ts'
import type { Translation, TranslationJob } from './translation.ts'

/** Translates CQL into ELM. https://cql.hl7.org/05-languagesemantics.html */
export type Translator = {
  /** @returns the ELM as JSON, or everything that is wrong, with its places */
  translate(job: TranslationJob): Promise<Translation>
  close(): Promise<void>
}

/** What stands in a plan itself is translated each time that the plan is applied. */
const KEPT_COUNT_MAX = 200

/** The first one in a thread warms the translator up. */
const TRANSLATION_MILLISECONDS = 30_000

export function openTranslator(): Translator {
  const pool = createThreadPool({ file: new URL('./translator-thread.ts', import.meta.url), countMax: 1 })
  const kept = new Map<string, Translation>()
  return {
    async translate(job) {
      const text = JSON.stringify(job)
      const key = createHash('sha256').update(text).digest('base64')
      const known = kept.get(key)
      if (known) return known
      try {
        const { answer } = await pool.run(text, { milliseconds: TRANSLATION_MILLISECONDS })
        const translation = JSON.parse(answer) as Translation
        if (kept.size >= KEPT_COUNT_MAX) kept.delete(kept.keys().next().value ?? '')
        kept.set(key, translation)
        return translation
      } catch (error) {
        if (!(error instanceof Overrun)) throw error
        return { problems: [{ message: `It cannot be translated: ${error.message}` }] }
      }
    },
    close: pool.close,
  }
}
