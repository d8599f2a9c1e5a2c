import type { Told } from '../core/decide/words/told.ts'

const word = (nb: string, nn: string, en: string): Told => ({ nb, nn, en })

export const PDF_WORDS = {
  patient: word('Pasient', 'Pasient', 'Patient'),
  born: word('født', 'fødd', 'born'),
  written: word('Skrevet', 'Skriven', 'Written'),
  confidentiality: word('Fortrolighet', 'Konfidensialitet', 'Confidentiality'),
  page: word('Side', 'Side', 'Page'),
} as const satisfies Record<string, Told>
