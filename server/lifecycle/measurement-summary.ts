import type { CodeableConcept, Observation, Quantity } from '@medplum/fhirtypes'

/** What one measure was over the time of an enrolment. */
export type MeasureSummary = {
  measure: string
  unit: string
  count: number
  first: Value
  last: Value
  min: number
  max: number
  mean: number
}
type Value = { value: number; at: string }

/** Results that can be relied on; what was cancelled or entered in error is not part of the story. */
const COUNTS = new Set(['final', 'amended', 'corrected'])

/** One line for each measure and unit, components too, in the order in which they first came. */
export function summariseMeasurements(observations: Observation[]): MeasureSummary[] {
  const lines = new Map<string, MeasureSummary & { sum: number }>()
  for (const { measure, quantity, at } of observations.flatMap(valuesOf).sort(byTime)) {
    const { value = Number.NaN, unit = quantity.code ?? '' } = quantity
    if (!Number.isFinite(value)) continue
    const key = `${measure} ${unit}`
    const known = lines.get(key)
    lines.set(
      key,
      known
        ? {
            ...known,
            count: known.count + 1,
            last: { value, at },
            min: Math.min(known.min, value),
            max: Math.max(known.max, value),
            sum: known.sum + value,
          }
        : {
            measure,
            unit,
            count: 1,
            first: { value, at },
            last: { value, at },
            min: value,
            max: value,
            mean: value,
            sum: value,
          },
    )
  }
  return [...lines.values()].map(({ sum, ...line }) => ({ ...line, mean: Math.round((sum / line.count) * 10) / 10 }))
}

type Measured = { measure: string; quantity: Quantity; at: string }

const byTime = (one: Measured, other: Measured) => Date.parse(one.at) - Date.parse(other.at)

function valuesOf({ status, code, valueQuantity, component = [], ...times }: Observation): Measured[] {
  const at = times.effectiveDateTime ?? times.effectivePeriod?.start ?? times.effectiveInstant ?? times.issued
  if (!COUNTS.has(status) || at === undefined) return []
  return [{ code, valueQuantity }, ...component].flatMap((one) =>
    one.valueQuantity ? [{ measure: nameOf(one.code), quantity: one.valueQuantity, at }] : [],
  )
}

const nameOf = (code: CodeableConcept | undefined): string =>
  code?.text ?? code?.coding?.[0]?.display ?? code?.coding?.[0]?.code ?? 'Måling'
