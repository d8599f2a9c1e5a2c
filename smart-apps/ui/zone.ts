import { defineTexts } from '../texts/language.ts'

/** The zones of a plan, most urgent first. Grey is what could not be judged: a measurement that did not come, a fault. */
export const ZONES = ['red', 'yellow', 'grey', 'green'] as const
export type Zone = (typeof ZONES)[number]

export const ZONE_TEXTS = defineTexts({
  nb: { red: 'Rød', yellow: 'Gul', grey: 'Mangler', green: 'Grønn' },
  nn: { red: 'Raud', yellow: 'Gul', grey: 'Manglar', green: 'Grøn' },
  en: { red: 'Red', yellow: 'Yellow', grey: 'Missing', green: 'Green' },
})
