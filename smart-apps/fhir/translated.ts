import type { Extension } from '@medplum/fhirtypes'
import type { Language } from '../texts/language.ts'

/** A text and the language it is in, for `lang` where it is shown. */
export type Said = { text: string; lang: Language }

/**
 * An element's text in the language of the reader; its translations stand beside it, as
 * https://hl7.org/fhir/R4/extension-translation.html has them. What is not translated is in bokmål.
 */
export function translated(holder: object | undefined, name: string, language: Language): Said | undefined {
  const own = (holder as Record<string, unknown> | undefined)?.[name]
  const beside = (holder as Record<string, { extension?: Extension[] } | undefined> | undefined)?.[`_${name}`]
  const part = (extension: Extension, url: string) => extension.extension?.find((one) => one.url === url)
  const found = beside?.extension?.find((one) => part(one, 'lang')?.valueCode === language)
  const content = found && (part(found, 'content')?.valueString ?? part(found, 'content')?.valueMarkdown)
  if (content) return { text: content, lang: language }
  return typeof own === 'string' ? { text: own, lang: 'nb' } : undefined
}
