import type { CarePlan, Extension, Goal, GoalTarget, Observation } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { LIMIT } from '../plan/vocabulary.ts'
import type { Told } from '../words/told.ts'
import { inForce, type LimitWindow, windowOf } from './limit-window.ts'
import { measured, tokensOf, unitOf } from './measured.ts'
import { courseOf, type Trend, trendOf } from './trend.ts'

/** red and yellow open a zone; `plausible` is what a body can have; `baseline` is the person's own usual value. */
export type Zone = 'red' | 'yellow' | 'plausible' | 'baseline'
export type Side = 'low' | 'high'
export type Comparator = '<' | '<=' | '>=' | '>'

/** One limit of a Goal target, as conditions see it in `%limits`. */
export type Limit = LimitWindow & {
  /** `system|code` of everything that this measure is called. */
  codes: string[]
  /** Short name for people, such as `SpO2`. */
  measure: string
  zone: Zone
  side?: Side
  comparator?: Comparator
  value: number
  /** Upper end, for the zone `plausible` alone. */
  valueMax?: number
  unit: string
  /** The difference from the person's baseline is compared, not the value. */
  relative: boolean
  /** With `relative`: the difference is counted in percent of the baseline, and `unit` is `%`. */
  inPercent?: true
  /** The course over a time is compared, not the value. */
  trend?: Trend
  source: 'patient' | 'plan'
}

/** A limit beside what was measured. */
export type AssessedLimit = Limit & {
  observed: number
  /** Of `observed` and `baseline`, where it is not the limit's own: a limit in percent of a weight. */
  observedUnit?: string
  baseline?: number
  /** The course that was compared, for a limit on the trend. */
  course?: number
  /** The value lies in the zone. A relative limit without a baseline is never hit, nor a trend of too few measurements. */
  hit: boolean
}

export type Assessment = {
  limits: AssessedLimit[]
  baseline?: number
  /** Why this measurement cannot be held against its limits; conditions that ask for `%limits` are then unevaluable. */
  problem?: Told
}

const LIVING_GOAL = new Set(['accepted', 'active', 'on-hold'])

/** The person's own limits: from the Goals that the CarePlan points at, contained or not, unless ended or only proposed. */
export function limitsOfCarePlan(carePlan: CarePlan, goals: Goal[]): Limit[] {
  const known = limitsKnown.get(carePlan)
  if (known?.goals === goals) return known.limits
  const limits = readLimits(carePlan, goals)
  limitsKnown.set(carePlan, { goals, limits })
  return limits
}
/** One decision asks for them several times; nobody changes them. */
const limitsKnown = new WeakMap<CarePlan, { goals: Goal[]; limits: Limit[] }>()

function readLimits(carePlan: CarePlan, goals: Goal[]): Limit[] {
  const names = namesOfGoals(carePlan)
  const contained = (carePlan.contained ?? []).filter((inner): inner is Goal => inner.resourceType === 'Goal')
  return [...namedGoals(carePlan, goals), ...contained.filter((goal) => names.has(`#${goal.id}`))]
    .filter((goal) => LIVING_GOAL.has(goal.lifecycleStatus))
    .flatMap((goal) => (goal.target ?? []).flatMap((target) => toLimit(target, 'patient')))
}

/** Those of the Goals that the CarePlan points at. */
export function namedGoals(carePlan: CarePlan, goals: Goal[]): Goal[] {
  const names = namesOfGoals(carePlan)
  return goals.filter((goal) => names.has(`Goal/${goal.id}`))
}

/** The last two parts, for a reference may also be absolute. */
const namesOfGoals = (carePlan: CarePlan) =>
  new Set((carePlan.goal ?? []).map((goal) => goal.reference?.split('/').slice(-2).join('/')))

/**
 * A Goal target as a limit; a target without our extension is an aim, not a limit, and gives none.
 * `detailQuantity` carries its comparator (default `<` on the low side, `>` on the high side). `detailRange` is the zone
 * itself, ends included, as FHIR's Range says; a zone that is open downwards has no `low`.
 */
export function toLimit(target: GoalTarget, source: Limit['source']): Limit[] {
  const extension = target.extension?.find((candidate) => candidate.url === LIMIT)
  const zone = part(extension, 'zone') as Zone | undefined
  if (!zone || !target.measure) return []
  const side = (part(extension, 'side') as Side | undefined) ?? 'low'
  const trend = trendOf(extension)
  const common = {
    codes: tokensOf(target.measure),
    measure: target.measure.text ?? target.measure.coding?.[0]?.display ?? target.measure.coding?.[0]?.code ?? '',
    zone,
    ...relativityOf(extension),
    ...windowOf(extension),
    ...(trend ? { trend } : {}),
    source,
  }
  const range = target.detailRange
  if (zone === 'plausible') {
    if (range?.low?.value === undefined || range.high?.value === undefined) return []
    return [{ ...common, value: range.low.value, valueMax: range.high.value, unit: unitOf(range.low) }]
  }
  if (zone === 'baseline') {
    const value = target.detailQuantity?.value
    return value === undefined ? [] : [{ ...common, value, unit: unitOf(target.detailQuantity) }]
  }
  const end = range ? (side === 'low' ? range.high : range.low) : target.detailQuantity
  if (end?.value === undefined) return []
  const comparator = range
    ? side === 'low'
      ? '<='
      : '>='
    : ((target.detailQuantity?.comparator as Comparator | undefined) ?? (side === 'low' ? '<' : '>'))
  return [{ ...common, side, comparator, value: end.value, unit: unitOf(end) }]
}

function relativityOf(extension: Extension | undefined): Pick<Limit, 'relative' | 'inPercent'> {
  const relativeTo = part(extension, 'relativeTo')
  if (relativeTo === 'baseline-percent') return { relative: true, inPercent: true }
  return { relative: relativeTo === 'baseline' }
}

/**
 * Patient before plan: a limit of the person's own for one measure, zone and side replaces every default for it, also the
 * defaults that are relative to a baseline. A limit on the trend replaces those on the trend, and no other replaces it. A
 * measure that the plan knows by several codes keeps them all.
 */
export function withPrecedence(own: Limit[], defaults: Limit[]): Limit[] {
  // Most have none of their own.
  if (own.length === 0) return defaults
  const widened = own.map((limit) => ({ ...limit, ...namesOf(limit, defaults) }))
  const replaced = (standard: Limit) =>
    widened.some(
      (limit) =>
        limit.zone === standard.zone &&
        limit.side === standard.side &&
        Boolean(limit.trend) === Boolean(standard.trend) &&
        sameMeasure(limit, standard),
    )
  return [...widened, ...defaults.filter((standard) => !replaced(standard))]
}

/** The limits by which something that was measured at that moment is judged. */
export const limitsAt = (own: Limit[], defaults: Limit[], at: Date): Limit[] =>
  withPrecedence(inForce(own, at), inForce(defaults, at))

function namesOf(limit: Limit, defaults: Limit[]): Pick<Limit, 'codes' | 'measure'> {
  const known = defaults.filter((standard) => sameMeasure(limit, standard))
  return {
    codes: [...new Set([...limit.codes, ...known.flatMap((standard) => standard.codes)])],
    measure: known[0]?.measure ?? limit.measure,
  }
}

const sameMeasure = (one: Limit, other: Limit) => one.codes.some((code) => other.codes.includes(code))

/** Everything that an Observation measures, as `system|code`. */
export const measures = (observation: Resource): string[] => measured(observation).flatMap(({ codes }) => codes)

/** The codes of every measure that has other limits after than before. */
export function changedMeasures(before: Limit[], after: Limit[]): Set<string> {
  const texts = (limits: Limit[]) => new Map(limits.map((limit) => [JSON.stringify(limit), limit.codes]))
  const [old, fresh] = [texts(before), texts(after)]
  const differing = [...old].filter(([text]) => !fresh.has(text)).concat([...fresh].filter(([text]) => !old.has(text)))
  return new Set(differing.flatMap(([, codes]) => codes))
}

/**
 * Holds one measurement against its limits. Never converts a unit: another unit than the limit's is a problem to tell.
 * @param ground what was measured earlier, for limits on the trend
 */
export function assess(
  observation: Observation,
  limits: Limit[],
  { history, now }: { history: Resource[]; now: Date } = { history: [], now: new Date(0) },
): Assessment {
  const assessed: AssessedLimit[] = []
  let problem: Told | undefined
  let baselineValue: number | undefined
  for (const { codes, quantity } of measured(observation)) {
    const mine = limits.filter((limit) => limit.codes.some((code) => codes.includes(code)))
    const [first] = mine
    if (!first) continue
    if (quantity?.value === undefined) {
      problem ??= withoutValue(first.measure)
      continue
    }
    const observed = quantity.value
    const usual = mine.find((limit) => limit.zone === 'baseline')
    const baseline = usual?.value
    baselineValue ??= baseline
    for (const limit of mine) {
      if (limit.zone === 'baseline') continue
      if (limit.inPercent) {
        const meaningless = problemOfPercent(usual, unitOf(quantity))
        problem ??= meaningless
        if (meaningless) continue
        const hit = isHit(limit, observed, baseline)
        assessed.push({ ...limit, observed, observedUnit: unitOf(quantity), baseline, hit })
        continue
      }
      const unit = unitOf(quantity) + (limit.trend?.method === 'slope' ? '/d' : '')
      if (limit.unit !== unit) {
        problem ??= inAnotherUnit(limit, unitOf(quantity))
        continue
      }
      if (limit.trend) {
        const course = courseOf(limit, observation as unknown as Resource, history, now)?.value
        const hit = course !== undefined && compare(course, limit.comparator, limit.value)
        assessed.push({ ...limit, observed, baseline, course, hit })
        continue
      }
      assessed.push({ ...limit, observed, baseline, hit: isHit(limit, observed, baseline) })
    }
  }
  if (!problem && assessed.length === 0) problem = NO_LIMITS
  return { limits: assessed, baseline: baselineValue, problem }
}

/** Percent of what is in another unit, or of nothing, is no number that anybody means. */
function problemOfPercent(usual: Limit | undefined, unit: string): Told | undefined {
  if (!usual) return undefined
  if (usual.unit !== unit) return inAnotherUnit(usual, unit)
  return usual.value > 0 ? undefined : ofNothing(usual.measure)
}

const ofNothing = (measure: string): Told => ({
  nb: `${measure}: grensen er i prosent, og grunnverdien er ikke over 0`,
  nn: `${measure}: grensa er i prosent, og grunnverdien er ikkje over 0`,
  en: `${measure}: the limit is in percent, and the baseline is not above 0`,
})

const withoutValue = (measure: string): Told => ({
  nb: `${measure}: målingen har ingen verdi`,
  nn: `${measure}: målinga har ingen verdi`,
  en: `${measure}: the measurement has no value`,
})

const inAnotherUnit = ({ measure, unit }: Limit, measured: string): Told => ({
  nb: `${measure}: målt i «${measured || 'ingen enhet'}», grensen er i «${unit}»`,
  nn: `${measure}: målt i «${measured || 'inga eining'}», grensa er i «${unit}»`,
  en: `${measure}: measured in "${measured || 'no unit'}", the limit is in "${unit}"`,
})

const NO_LIMITS: Told = {
  nb: 'ingen grenser er satt for denne målingen',
  nn: 'ingen grenser er sette for denne målinga',
  en: 'no limits are set for this measurement',
}

function isHit(limit: Limit, observed: number, baseline: number | undefined): boolean {
  if (limit.zone === 'plausible') return observed >= limit.value && observed <= (limit.valueMax ?? Infinity)
  if (!limit.relative) return compare(observed, limit.comparator, limit.value)
  return baseline !== undefined && compare(differenceOf(limit, observed, baseline), limit.comparator, limit.value)
}

/** What a relative limit compares: how far the value lies above the baseline, in its unit or in percent of it. */
export function differenceOf({ inPercent }: Pick<Limit, 'inPercent'>, observed: number, baseline: number): number {
  const difference = inPercent ? ((observed - baseline) * 100) / baseline : observed - baseline
  // 93.2 - 90.2 is 2.9999999999999996 in binary; a limit of 3 must see 3.
  return Number(difference.toFixed(6))
}

function compare(left: number, comparator: Comparator | undefined, right: number): boolean {
  switch (comparator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>=':
      return left >= right
    case '>':
      return left > right
    default:
      return false
  }
}

function part(extension: Extension | undefined, url: string): string | undefined {
  const found = extension?.extension?.find((inner) => inner.url === url)
  return found?.valueCode ?? found?.valueString
}

/** Which limit it is, whatever its number: «SpO2 red low». */
export const limitKey = ({ measure, zone, side, relative, inPercent }: Limit): string =>
  [measure, zone, side, inPercent ? 'relative-percent' : relative ? 'relative' : undefined].filter(Boolean).join(' ')
