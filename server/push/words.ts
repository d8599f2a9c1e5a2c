import type { Language } from '../core/decide/words/language.ts'

/** All that a notice says. A phone shows it to whoever holds it: that there is something to do, and nothing of what or why. */
export const NOTICE: Record<Language, string> = {
  nb: 'Du har noe å gjøre i Fylgje.',
  nn: 'Du har noko å gjere i Fylgje.',
  en: 'You have something to do in Fylgje.',
}
