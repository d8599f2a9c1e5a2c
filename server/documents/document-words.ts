import { type Told, words } from '../core/decide/words/told.ts'

export const PDF_WORDS = {
  patient: words('Pasient', 'Pasient', 'Patient'),
  born: words('født', 'fødd', 'born'),
  written: words('Skrevet', 'Skriven', 'Written'),
  confidentiality: words('Fortrolighet', 'Konfidensialitet', 'Confidentiality'),
  page: words('Side', 'Side', 'Page'),
} as const satisfies Record<string, Told>
