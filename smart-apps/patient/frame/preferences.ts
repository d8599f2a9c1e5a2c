import { isLanguage, type Language, languageOf } from '../../texts/language.ts'

/** How somebody wants the app to be. Nothing of it says anything of their health, so it may outlive a sign-out. */
export type Preferences = { language: Language; theme: 'system' | 'light' | 'dark'; isLarge: boolean }

const KEY = 'fylgje.patient.preferences'

export function readPreferences(): Preferences {
  const standard: Preferences = { language: languageOf(navigator.languages), theme: 'system', isLarge: false }
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>
    return {
      language: isLanguage(kept.language) ? kept.language : standard.language,
      theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : standard.theme,
      isLarge: kept.isLarge === true,
    }
  } catch {
    return standard
  }
}

export function keepPreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences))
  } catch {
    // Forbidden, or full: it holds while the page is open.
  }
}
