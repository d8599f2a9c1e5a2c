import type { Extension } from '@medplum/fhirtypes'
import { TRANSLATION } from '../plan/vocabulary.ts'
import type { Language } from './language.ts'

/**
 * An element's text in this language: the element itself is bokmål, its translations stand in the extension beside it (`_title`).
 * What is not translated is said in bokmål.
 * @see https://hl7.org/fhir/R4/extension-translation.html
 */
export function translated(holder: object, name: string, language: Language): string | undefined {
  const fields = holder as Record<string, unknown>
  const text = fields[name]
  const beside = fields[`_${name}`] as { extension?: Extension[] } | undefined
  const other = beside?.extension?.find(
    ({ url, extension }) =>
      url === TRANSLATION && extension?.some((part) => part.url === 'lang' && part.valueCode === language),
  )
  const content = other?.extension?.find(({ url }) => url === 'content')
  return content?.valueString ?? content?.valueMarkdown ?? (typeof text === 'string' ? text : undefined)
}
