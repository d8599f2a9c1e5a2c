import type { CodeableConcept, Observation, ObservationReferenceRange, Quantity } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { happenedAt } from '../plan/data-requirement.ts'
import { TRIAGE_COLOUR } from '../plan/vocabulary.ts'
import { COLOUR_WORDS } from '../words/coded-words.ts'
import { inWords } from '../words/words.ts'
import { type Limit, limitsAt } from './limits.ts'
import { tokensOf, unitOf } from './measured.ts'

/** The limits of one enrolment: the person's own, and those of the plan. */
export type EnrolmentLimits = { own: Limit[]; defaults: Limit[] }

type Measured = {
  code?: CodeableConcept
  valueQuantity?: Quantity
  referenceRange?: Range[]
  interpretation?: CodeableConcept[]
}
type Range = ObservationReferenceRange

/**
 * A measurement with the ranges that applied when it was made: one for each colour, outside of which it is that colour, and what
 * that makes of the value (low, high, critically so, or normal). What the sender says of the same is kept: their own ranges stand
 * first, and an interpretation of theirs is not touched. Ranges that we wrote before are written anew.
 * @returns the same object where no limit applies
 */
export function withRanges(resource: Resource, enrolments: EnrolmentLimits[], now: Date): Resource {
  const observation = resource as unknown as Observation
  const at = new Date(happenedAt(resource, 'effective', now))
  const limits = enrolments.flatMap(({ own, defaults }) => limitsAt(own, defaults, at))
  const whole = ranged(observation as Measured, limits)
  const components = observation.component?.map((component) => ranged(component as Measured, limits))
  const isChanged = whole !== observation || components?.some((one, i) => one !== observation.component?.[i])
  if (!isChanged) return resource
  return { ...(whole as object), ...(components ? { component: components } : {}) } as unknown as Resource
}

function ranged(measured: Measured, limits: Limit[]): Measured {
  const { value } = measured.valueQuantity ?? {}
  if (value === undefined) return measured
  const codes = tokensOf(measured.code)
  const mine = limits.filter((limit) => !limit.trend && limit.codes.some((code) => codes.includes(code)))
  const baseline = mine.find(({ zone }) => zone === 'baseline')
  const absolute = mine
    .flatMap((limit) => asAbsolute(limit, baseline))
    .filter(({ unit }) => unit === unitOf(measured.valueQuantity))
  const found = (['yellow', 'red'] as const).flatMap((zone) => rangeOf(absolute, zone, measured.valueQuantity) ?? [])
  if (found.length === 0) return measured
  const theirs = (measured.referenceRange ?? []).filter((range) => !isOurs(range))
  const wereOurs = theirs.length < (measured.referenceRange?.length ?? 0)
  const keepsTheirs = !wereOurs && measured.interpretation !== undefined
  return {
    ...measured,
    ...(keepsTheirs ? {} : { interpretation: [interpret(absolute, value)] }),
    referenceRange: [...theirs, ...found],
  }
}

/** A limit that is counted from the usual value, as the value that it comes to. */
function asAbsolute(limit: Limit, baseline: Limit | undefined): Limit[] {
  if (!limit.relative) return [limit]
  if (!baseline || (limit.inPercent && baseline.value <= 0)) return []
  const { inPercent, ...rest } = limit
  const difference = inPercent ? (baseline.value * limit.value) / 100 : limit.value
  const value = Number((baseline.value + difference).toFixed(6))
  return [{ ...rest, value, unit: inPercent ? baseline.unit : limit.unit, relative: false }]
}

/** The values that are not of this colour. Of several limits on one side the first to be crossed counts. */
function rangeOf(limits: Limit[], zone: 'red' | 'yellow', measured: Quantity | undefined): Range | undefined {
  const of = (side: 'low' | 'high') => limits.filter((limit) => limit.zone === zone && limit.side === side)
  const low = of('low').sort((one, other) => other.value - one.value)[0]
  const high = of('high').sort((one, other) => one.value - other.value)[0]
  if (!low && !high) return undefined
  const { unit, system, code } = measured ?? {}
  const quantity = (value: number): Quantity => ({
    value,
    ...(unit === undefined ? {} : { unit }),
    ...(system === undefined ? {} : { system }),
    ...(code === undefined ? {} : { code }),
  })
  const said = [low, high].flatMap((limit) =>
    limit ? [`${WORDS[limit.comparator ?? '<']} ${inWords(limit.value)} ${unit ?? code ?? ''}`.trim()] : [],
  )
  return {
    ...(low ? { low: quantity(low.value) } : {}),
    ...(high ? { high: quantity(high.value) } : {}),
    type: { coding: [{ system: TRIAGE_COLOUR, code: zone, display: COLOUR_WORDS[zone].nb }] },
    text: `${COLOUR_WORDS[zone].nb} ${said.join(' og ')}`,
  }
}

const WORDS = { '<': 'under', '<=': 'på eller under', '>': 'over', '>=': 'på eller over' } as const

const isOurs = ({ type }: Range) => type?.coding?.some(({ system }) => system === TRIAGE_COLOUR) ?? false

/** http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation */
function interpret(limits: Limit[], value: number): CodeableConcept {
  const isHit = (zone: string, side: string) =>
    limits.some((limit) => limit.zone === zone && limit.side === side && isBeyond(limit, value))
  const [code, display] = isHit('red', 'low')
    ? ['LL', 'Critical low']
    : isHit('red', 'high')
      ? ['HH', 'Critical high']
      : isHit('yellow', 'low')
        ? ['L', 'Low']
        : isHit('yellow', 'high')
          ? ['H', 'High']
          : ['N', 'Normal']
  return { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code, display }] }
}

const isBeyond = ({ comparator, value: limit }: Limit, value: number): boolean =>
  value === limit
    ? comparator === '<=' || comparator === '>='
    : comparator?.startsWith('<')
      ? value < limit
      : value > limit
