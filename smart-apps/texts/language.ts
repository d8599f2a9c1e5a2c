/** The languages of the app, as BCP 47 names them. */
export const LANGUAGES = ['nb', 'nn', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** For dates and numbers: English as it is written here, with the day first. */
export const LOCALES = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' } as const satisfies Record<Language, string>

export const isLanguage = (text: unknown): text is Language => LANGUAGES.includes(text as Language)

/** The texts of one part of the app. `{name}` in a text is filled in. */
export type Texts<Key extends string> = Readonly<Record<Language, Readonly<Record<Key, string>>>>

/** A text that is missing in one of the languages is a type error. */
export const defineTexts = <Key extends string>(texts: Texts<Key>): Texts<Key> => texts

/** @throws Error for a value that was not given: an unfilled place must not be seen by users */
export function fillIn(text: string, values: Readonly<Record<string, string | number>> = {}): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`"${text}" needs {${name}}.`)
    return String(value)
  })
}

/** The app's language before anybody has chosen one: the browser's, where it is one of ours. */
export function languageOf(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const name = tag.toLowerCase().split('-', 1)[0]
    if (name === 'no' || name === 'nb') return 'nb'
    if (name === 'nn' || name === 'en') return name
  }
  return 'nb'
}
