import type { CarePlan } from '@medplum/fhirtypes'
import type { Limits, Measure } from '../../measures/measures.ts'
import type { Text } from '../../texts/use-texts.ts'
import { limitSteps } from './limit-steps.ts'
import type { Beside } from './patient-data.ts'
import type { PATIENT_TEXTS } from './texts.ts'
import type { ChartEvent, Period } from './trend-chart.tsx'

type Given = {
  measures: readonly Measure[]
  beside: Beside
  carePlans: readonly CarePlan[]
  period: Period
  text: Text<keyof (typeof PATIENT_TEXTS)['nb']>
  limitsInWords: (limits: Limits, measure: Measure) => string
}

/** What happened beside the measurements: a plan that began, limits that were changed, a new medicine, an admission. Oldest first. */
export function chartEvents({ measures, beside, carePlans, period, text, limitsInWords }: Given): ChartEvent[] {
  const events: ChartEvent[] = []
  const add = (at: string | undefined, said: string) => {
    if (at) events.push({ at: new Date(at), text: said })
  }
  for (const { period: lasts, title } of carePlans) add(lasts?.start, text('eventPlan', { plan: title ?? '' }))
  for (const measure of measures) {
    // The first limits are no change: they are those that the plan began with.
    for (const { from, limits } of limitSteps(measure.points, period.to).slice(1))
      events.push({
        at: from,
        text: text('eventLimits', { measure: measure.title, limits: limitsInWords(limits, measure) }),
      })
  }
  for (const { effectivePeriod, effectiveDateTime, medicationCodeableConcept: medicine } of beside.medications)
    add(
      effectivePeriod?.start ?? effectiveDateTime,
      text('eventMedication', { name: medicine?.text ?? medicine?.coding?.[0]?.display ?? '' }),
    )
  for (const { period: lasted, type, class: kind } of beside.encounters)
    add(
      lasted?.start,
      text('eventAdmission', {
        name: type?.[0]?.text ?? type?.[0]?.coding?.[0]?.display ?? kind?.display ?? kind?.code ?? '',
      }),
    )
  return events
    .filter(({ at }) => at >= period.from && at <= period.to)
    .sort((one, other) => one.at.getTime() - other.at.getTime())
}
