import type { Language } from '../../texts/language.ts'
import type { Text } from '../../texts/use-texts.ts'
import { number } from '../../ui/format.ts'
import type { ZONE_TEXTS } from '../../ui/zone.ts'
import type { Bound, Slot } from './own-limits.ts'
import type { PLAN_TEXTS } from './texts.ts'

type PlanText = Text<keyof (typeof PLAN_TEXTS)['nb']>
type ZoneText = Text<keyof (typeof ZONE_TEXTS)['nb']>

/** "Rød under" */
export const slotInWords = (slot: Slot, text: PlanText, zone: ZoneText): string =>
  text(slot.endsWith('Low') ? 'lowColumn' : 'highColumn', { zone: zone(slot.startsWith('red') ? 'red' : 'yellow') })

const SIGNS = { '<': '<', '<=': '≤', '>': '>', '>=': '≥' } as const

/** "< 90" */
export const boundInWords = ({ comparator, value }: Bound, language: Language): string =>
  `${SIGNS[comparator]} ${number(value, language, 2)}`
