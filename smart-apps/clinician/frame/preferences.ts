import { isLanguage, type Language, languageOf } from '../../texts/language.ts'

/** How somebody wants to see the app on this machine. Says nothing of any patient, so it may be kept. */
export type Preferences = { language: Language; theme: 'system' | 'light' | 'dark' }

const KEY = 'fylgje.preferences'

export function readPreferences(): Preferences {
  let found: Partial<Preferences> = {}
  try {
    found = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>
  } catch {
    // Storage is forbidden, or holds what is none of ours.
  }
  return {
    language: isLanguage(found.language) ? found.language : languageOf(navigator.languages),
    theme: found.theme === 'light' || found.theme === 'dark' ? found.theme : 'system',
  }
}

export function keepPreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences))
  } catch {
    // It lasts as long as the page.
  }
}

export const prefersDark = matchMedia('(prefers-color-scheme: dark)')
