import type { RelatedArtifact } from '@medplum/fhirtypes'
import type { Language } from './language.ts'
import { translated } from './translated.ts'

/**
 * What a rule or a limit rests on, as it is read in this language: `display` alone is translated, for the rest names a document. Names of
 * documents keep their own language, which is the translator's matter.
 */
export function sourceAsRead(source: RelatedArtifact, language: Language): RelatedArtifact {
  const { _display, ...said } = source as RelatedArtifact & { _display?: unknown }
  const display = translated(source, 'display', language)
  return { ...said, ...(display === undefined ? {} : { display }) }
}
