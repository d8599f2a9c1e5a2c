import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { fromOsloClock } from '../../../server/core/decide/time/oslo-time.ts'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'

/** So long an end or a pause can still be called off; then the server does it, whether the page is open or not. */
export const GRACE_MILLIS = 10_000
/** The server's clock and ours may differ a little; what is to be done at once is done then. */
export const SOON_MILLIS = 3_000

/** What a plan is called where there is little room: "KOLS: digital hjemmeoppfølging" without the person's own words for it. */
export const planTitle = (carePlan: CarePlan, plan: PlanDefinition | undefined, language: Language): string =>
  translated(plan, 'title', language)?.text ?? carePlan.title ?? carePlan.instantiatesCanonical?.[0] ?? ''

/** The beginning of a day that somebody has chosen in the calendar, by Norwegian clocks. */
export function startOfDay(chosen: Date): Date {
  const two = (value: number) => String(value).padStart(2, '0')
  const date = `${chosen.getFullYear()}-${two(chosen.getMonth() + 1)}-${two(chosen.getDate())}`
  return fromOsloClock(date, 0)
}
