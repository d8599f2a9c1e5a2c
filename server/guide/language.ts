/** What the guide's own words are in. So are the titles and descriptions of definitions and the titles of operations; what operations, elements and codes say beyond that is English. */
export const GUIDE_LANGUAGES = ['en', 'nb'] as const
export type GuideLanguage = (typeof GUIDE_LANGUAGES)[number]

/** A text in each of them. */
export type Worded<T = string> = Readonly<Record<GuideLanguage, T>>

/** The file of a page in a language: `index.html`, `index.nb.html`. */
export const fileIn = (language: GuideLanguage, file: string): string =>
  language === 'en' ? file : file.replace(/\.html$/, `.${language}.html`)
