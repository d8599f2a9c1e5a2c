import { createContext, useContext, useMemo } from 'react'
import { fillIn, type Language, type Texts } from './language.ts'

export const LanguageContext = createContext<Language>('nb')
export const useLanguage = (): Language => useContext(LanguageContext)

export type Text<Key extends string> = (key: Key, values?: Readonly<Record<string, string | number>>) => string

/** The texts of a part of the app in the language that was chosen: `const text = useTexts(TEXTS)`, then `text('key', { count })`. */
export function useTexts<Key extends string>(texts: Texts<Key>): Text<Key> {
  const language = useLanguage()
  return useMemo(() => (key, values) => fillIn(texts[language][key], values), [texts, language])
}
