import type { CodeableConcept } from '@medplum/fhirtypes'
import type { Language } from '../texts/language.ts'

/** What is measured at home often enough for an axis of its own: clinical, and the same for everybody, so that noise never looks like a change. */
export type KnownMeasure = {
  key: string
  codes: readonly string[]
  title: Readonly<Record<Language, string>>
  order: number
  /** What the axis shows at least; what lies outside widens it. undefined: around the person's own values. */
  axis?: readonly [number, number]
  /** Nothing can lie above the axis, such as of a saturation. */
  isTopFixed?: boolean
  /** Without an axis of its own: so much above and below at least, in the unit of the measure. */
  marginMin?: number
  decimalCount: number
}

const LOINC = 'http://loinc.org'
const known = (
  codes: readonly string[],
  order: number,
  [nb, nn, en]: readonly [string, string, string],
  decimalCount: number,
  axis: readonly [number, number] | { marginMin: number },
): KnownMeasure => ({
  key: `${LOINC}|${codes[0]}`,
  codes,
  title: { nb, nn, en },
  order,
  decimalCount,
  ...(nb === 'SpO₂' ? { isTopFixed: true } : {}),
  ...('marginMin' in axis ? { marginMin: axis.marginMin } : { axis }),
})

export const KNOWN_MEASURES: readonly KnownMeasure[] = [
  known(['59408-5', '2708-6'], 1, ['SpO₂', 'SpO₂', 'SpO₂'], 0, [80, 100]),
  known(['8867-4'], 2, ['Puls', 'Puls', 'Pulse'], 0, [40, 140]),
  known(['85354-9', '55284-4'], 3, ['Blodtrykk', 'Blodtrykk', 'Blood pressure'], 0, [40, 200]),
  known(['29463-7', '3141-9'], 4, ['Vekt', 'Vekt', 'Weight'], 1, { marginMin: 4 }),
  known(['8310-5'], 5, ['Temperatur', 'Temperatur', 'Temperature'], 1, [35, 40]),
  known(['9279-1'], 6, ['Respirasjonsfrekvens', 'Respirasjonsfrekvens', 'Respiratory rate'], 0, [8, 32]),
  known(['15074-8', '14743-9', '2339-0'], 7, ['Blodsukker', 'Blodsukker', 'Glucose'], 1, [2, 18]),
  known(['19935-6', '33452-4'], 8, ['Peak flow (PEF)', 'Peak flow (PEF)', 'Peak flow (PEF)'], 0, [100, 600]),
]

export function findKnownMeasure(code: CodeableConcept | undefined): KnownMeasure | undefined {
  const codes = code?.coding?.flatMap(({ system, code }) => (system === LOINC && code ? [code] : [])) ?? []
  return KNOWN_MEASURES.find((one) => one.codes.some((known) => codes.includes(known)))
}

const EDGE_ROOM = 0.12

/** The values that the axis reaches over. @param values of all that is drawn, limits too */
export function axisOf(measure: KnownMeasure | undefined, values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  if (measure?.axis) {
    const [bottom, top] = measure.axis
    // What lies at the edge, such as a limit with its name, needs room beyond it.
    const room = (Math.max(top, high) - Math.min(bottom, low)) * EDGE_ROOM
    return [low <= bottom ? low - room : bottom, high >= top && !measure.isTopFixed ? high + room : Math.max(top, high)]
  }
  const margin = Math.max(measure?.marginMin ?? 0, (high - low) * 0.15, Math.abs(high) * 0.05, 0.5)
  return [low - margin, high + margin]
}
