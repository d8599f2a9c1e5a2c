import type { Observation, ObservationComponent, Quantity } from '@medplum/fhirtypes'
import { trendLine } from '../core/decide/limits/trend-line.ts'
import { UCUM_SYSTEM } from '../search/ucum.ts'
import { rounded, STATISTICS, summarise, UNITLESS } from './statistics.ts'

/** Each statistic of one number, and the regression, which is two. */
export const ASKED = [...STATISTICS, 'regression'] as const
export type Asked = (typeof ASKED)[number]

export const isAsked = (text: string): text is Asked => (ASKED as readonly string[]).includes(text)

/** A value, and when it was measured in milliseconds; NaN where the Observation does not say. */
export type Measurement = { quantity: Quantity; at: number }

export type Summarised = {
  subject: string
  code: { system?: string; code: string }
  dates: { start?: string; end?: string }
  /** At least one, all in one unit. */
  measurements: Measurement[]
  ignoredCount: number
  statistics: Asked[]
}

const ABSENT_SYSTEM = 'http://terminology.hl7.org/CodeSystem/data-absent-reason'
const STATISTIC_SYSTEM = 'http://terminology.hl7.org/CodeSystem/observation-statistics'

const DAY_MILLISECONDS = 86_400_000

/** Statistics as $stats answers them: an Observation with a component for each. */
export function statisticsObservation(asked: Summarised): Observation {
  const { subject, code, dates, measurements, ignoredCount, statistics } = asked
  const { unit, system, code: unitCode } = measurements[0]?.quantity ?? {}
  const found = summarise(
    measurements.map(({ quantity }) => quantity.value ?? 0),
    ignoredCount,
  )
  const component = statistics.flatMap((statistic) =>
    statistic === 'regression'
      ? regression(measurements)
      : [toComponent(statistic, found[statistic], UNITLESS.has(statistic) ? {} : { unit, system, code: unitCode })],
  )
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [code] },
    subject: { reference: subject },
    ...(dates.start === undefined && dates.end === undefined ? {} : { effectivePeriod: dates }),
    component,
  } as Observation
}

/**
 * R4 has one code for gradient and intercept, so the text tells which is which: how much a day, and what the line says of the
 * moment of the first measurement. A measurement that does not say when it was made has no place on the line.
 */
function regression(measurements: Measurement[]): ObservationComponent[] {
  const timed = measurements.filter(({ at }) => !Number.isNaN(at))
  const first = timed.reduce((earliest, { at }) => Math.min(earliest, at), Number.POSITIVE_INFINITY)
  const line = trendLine(
    timed.map(({ at, quantity }) => ({ days: (at - first) / DAY_MILLISECONDS, value: quantity.value ?? 0 })),
  )
  const { unit, system, code } = measurements[0]?.quantity ?? {}
  const intercept = timed.length === 0 ? 'intercept' : `intercept at ${new Date(first).toISOString()}`
  return [
    toComponent('regression', rounded(line.slope), perDay({ unit, system, code }), 'gradient per day'),
    toComponent('regression', rounded(line.intercept), { unit, system, code }, intercept),
  ]
}

type Unit = Pick<Quantity, 'unit' | 'system' | 'code'>

/** In UCUM a unit is divided by writing what it is divided by after it: mm[Hg]/d, and /min/d. */
const perDay = ({ unit, system, code }: Unit): Unit => ({
  unit: `${unit ?? code ?? ''}/d`,
  ...(system === UCUM_SYSTEM && code !== undefined ? { system, code: code === '1' ? '/d' : `${code}/d` } : {}),
})

function toComponent(statistic: Asked, value: number, unit: Unit, text?: string): ObservationComponent {
  return {
    code: { coding: [{ system: STATISTIC_SYSTEM, code: statistic }], ...(text === undefined ? {} : { text }) },
    ...(Number.isNaN(value)
      ? { dataAbsentReason: { coding: [{ system: ABSENT_SYSTEM, code: 'not-a-number' }] } }
      : { valueQuantity: { value, ...unit } }),
  }
}
