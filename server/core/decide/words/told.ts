import type { CodeableConcept, Extension, Task } from '@medplum/fhirtypes'
import { TRANSLATION } from '../plan/vocabulary.ts'
import { LANGUAGES, type Language } from './language.ts'
import { translated } from './translated.ts'

/** The same words in each language that people are told things in. */
export type Told = Readonly<Record<Language, string>>

export const words = (nb: string, nn: string, en: string): Told => ({ nb, nn, en })

/** @param say what is said, in one language */
export const tell = (say: (language: Language) => string): Told => ({ nb: say('nb'), nn: say('nn'), en: say('en') })

/** What nobody has translated, such as a title that a plan's author wrote, is the same in each. */
export const sameInAll = (text: string): Told => tell(() => text)

/** A text with its translations beside it: `{ text, _text: { extension: [translation …] } }`, to be spread into its element. */
export const toldAs = <Name extends string>(name: Name, told: Told): { [name in Name]: string } =>
  toldIn('nb', name, told)

/** The same with another language than bokmål as the text itself. */
export function toldIn<Name extends string>(own: Language, name: Name, told: Told): { [name in Name]: string } {
  const others = LANGUAGES.filter((language) => told[language] !== told[own])
  const beside =
    others.length > 0 ? { [`_${name}`]: { extension: others.map((one) => toTranslation(one, told[one])) } } : {}
  return { [name]: told[own], ...beside } as { [name in Name]: string }
}

/** A concept of words alone, as a Task's reason is. https://hl7.org/fhir/R4/extension-translation.html */
export const toldConcept = (told: Told): CodeableConcept => toldAs('text', told)

/** A Task's reason as it was told, in each language; what has no translation is the same in each. */
export const reasonIn = ({ reasonCode = {} }: Pick<Task, 'reasonCode'>): Told =>
  tell((language) => translated(reasonCode, 'text', language) ?? '')

const toTranslation = (language: Language, content: string): Extension => ({
  url: TRANSLATION,
  extension: [
    { url: 'lang', valueCode: language },
    { url: 'content', valueString: content },
  ],
})
