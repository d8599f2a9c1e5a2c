import { toOsloDateTime } from '../time/oslo-time.ts'
import type { Language } from './language.ts'
import type { Told } from './told.ts'

/** `2026-11-10 kl. 09:30`, by Norwegian clocks; in English without the `kl.`. */
export function momentInWords(at: Date, language: Language): string {
  const [date, time] = toOsloDateTime(at).slice(0, 16).split('T')
  return language === 'en' ? `${date} ${time}` : `${date} kl. ${time}`
}

/** What the moment is called at which something was expected. */
export const DUE: Told = { nb: 'Frist', nn: 'Frist', en: 'Deadline' }
