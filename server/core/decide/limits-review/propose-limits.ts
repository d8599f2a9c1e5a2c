import type { CarePlan, Goal, GoalTarget, Observation } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { checkLimits } from '../limits/check-limits.ts'
import { assess, type Limit, limitsAt, limitsOfCarePlan, namedGoals, toLimit } from '../limits/limits.ts'
import { measured, unitOf } from '../limits/measured.ts'
import type { CompiledPlan } from '../plan/compile-plan.ts'
import { LIMIT } from '../plan/vocabulary.ts'
import { madeAt } from '../schedule/made-at.ts'
import { type Distribution, distributionOf, type Sample } from './distribution.ts'

/** Fewer values, or of fewer days, say nothing of what is usual. */
export const SAMPLES_MIN = { count: 10, days: 7 }

/** A limit of the person's own that is proposed, and why. */
export type ProposedLimit = {
  zone: 'baseline' | 'yellow' | 'red'
  side?: 'low' | 'high'
  value: number
  /** What counts now. */
  before?: number
  /** It would lie further from the plan's limit, but is held: further off is for a clinician to say. */
  isHeld: boolean
}

/** What is proposed for one measure. */
export type LimitsProposal = {
  measure: string
  unit: string
  distribution: Distribution
  limits: ProposedLimit[]
  /** Values of the last 30 days that lie in red or yellow, by the limits of now and by those proposed. */
  hits: { days: number; before: number; after: number }
  /** The Goal of the person's own limits with these in it, as `$set-limits` takes it. */
  goal: Goal
}

/** Too few values of a measure to propose anything. */
export type TooFew = { measure: string; count: number; days: number }

type Ground = { plan: CompiledPlan; carePlan: CarePlan; goals: Goal[]; history: Resource[]; now: Date }

const DAY = 86_400_000
const HITS_DAYS = 30
/** A limit that more than this share of usual values lies beyond says nothing when it is hit. */
const NOISE_SHARE = 0.05
/** A proposed limit lies so many spreads from the median. */
const SPREADS = { yellow: 2, red: 3 }

/**
 * Proposes a person's own limits from how their values lie. Statistics, no model, and each number can be said in words:
 *
 * - the *baseline* is the median of their usual days, where the plan has limits that are relative to it, and the baseline of now lies
 *   further from it than they usually vary: a Task to move it by one step within that would be noise;
 * - an absolute limit that more than one in twenty of their usual values lies beyond is proposed anew, two (yellow) or three (red)
 *   spreads from the median; others are left as they are.
 *
 * A limit is moved from the plan's own by at most twice the distance between its yellow and its red, and stays within what is plausible.
 * @param since values from then on count
 * @returns for each measure of the plan's limits a proposal, or that there is too little; nothing where the limits of now fit
 */
export function proposeLimits(ground: Ground, since: Date): { proposals: LimitsProposal[]; tooFew: TooFew[] } {
  const proposals: LimitsProposal[] = []
  const tooFew: TooFew[] = []
  for (const measure of measuresOf(ground.plan)) {
    const standards = ground.plan.limits.filter((one) => one.measure === measure && !one.trend)
    // Its unit is the measurement's; a limit in percent of the baseline does not tell it.
    const first = standards.find(({ inPercent }) => !inPercent)
    if (!first) continue
    const samples = samplesOf(ground.history, first).filter(({ at }) => at >= since.getTime())
    const days = new Set(samples.map(({ at }) => Math.floor(at / DAY))).size
    if (samples.length < SAMPLES_MIN.count || days < SAMPLES_MIN.days) {
      tooFew.push({ measure, count: samples.length, days })
      continue
    }
    const distribution = distributionOf(samples, stepOf(samples))
    const wanted = limitsFor(standards, samples, distribution, ground)
    // Where limits are held nearer to the plan's than the usual value lies, that value cannot be the baseline too.
    const withoutBaseline = wanted.filter(({ zone }) => zone !== 'baseline')
    const limits = [wanted, withoutBaseline].find((one) => isInItself(one, first, ground)) ?? []
    if (limits.length > 0) proposals.push(toProposal({ measure, first, distribution, limits, samples }, ground))
  }
  return { proposals, tooFew }
}

const measuresOf = ({ limits }: CompiledPlan): string[] => [
  ...new Set(limits.filter(({ trend }) => !trend).map(({ measure }) => measure)),
]

/** Of final measurements in the unit of the limit. */
export function samplesOf(history: Resource[], limit: Pick<Limit, 'codes' | 'unit'>): Sample[] {
  return history.flatMap((resource) => {
    const isCounted = resource.resourceType === 'Observation' && FINAL.has(resource.status)
    if (!isCounted) return []
    return measured(resource)
      .filter(
        ({ codes, quantity }) => unitOf(quantity) === limit.unit && codes.some((code) => limit.codes.includes(code)),
      )
      .flatMap(({ quantity }) =>
        quantity?.value === undefined ? [] : [{ at: madeAt(resource), value: quantity.value }],
      )
  })
}
const FINAL: ReadonlySet<unknown> = new Set(['final', 'amended', 'corrected'])

/** What the device can tell apart: whole numbers, or tenths. */
export const stepOf = (samples: Sample[]): number => (samples.every(({ value }) => Number.isInteger(value)) ? 1 : 0.1)

function limitsFor(
  standards: Limit[],
  samples: Sample[],
  distribution: Distribution,
  { plan, carePlan, goals, now }: Ground,
): ProposedLimit[] {
  const step = stepOf(samples)
  const codes = standards[0]?.codes ?? []
  const counting = limitsAt(limitsOfCarePlan(carePlan, goals), plan.limits, now).filter(
    (one) => !one.trend && one.codes.some((code) => codes.includes(code)),
  )
  const usual = rounded(distribution.median, step, Math.round)
  const baseline = counting.find(({ zone }) => zone === 'baseline')?.value
  const asksForBaseline = counting.some(({ relative }) => relative)
  const isMoved =
    baseline === undefined || Math.abs(baseline - distribution.median) > Math.max(distribution.spread, step)
  const proposed: ProposedLimit[] =
    asksForBaseline && isMoved
      ? [{ zone: 'baseline', value: usual, ...(baseline === undefined ? {} : { before: baseline }), isHeld: false }]
      : []
  for (const side of ['low', 'high'] as const) {
    const absolute = counting.filter((one) => !one.relative && one.side === side)
    const moved = absolute.flatMap((limit) => {
      const isNoise = shareBeyond(limit, samples, distribution) > NOISE_SHARE
      return (isNoise ? movedLimit(limit, absolute, standards, distribution, step) : asItIs(limit)) ?? []
    })
    proposed.push(...apart(moved, side, step).filter(({ value, before }) => value !== before))
  }
  return proposed
}

/** The share of the values around the median, within three spreads, that lie in the zone. */
function shareBeyond({ side, value }: Limit, samples: Sample[], { median, spread }: Distribution): number {
  const usual = samples.filter((one) => Math.abs(one.value - median) <= 3 * spread)
  const beyond = usual.filter((one) => (side === 'low' ? one.value < value : one.value > value))
  return usual.length === 0 ? 0 : beyond.length / usual.length
}

function movedLimit(
  { zone, side = 'low', value }: Limit,
  absolute: Limit[],
  standards: Limit[],
  { median, spread }: Distribution,
  step: number,
): ProposedLimit | undefined {
  if (zone !== 'yellow' && zone !== 'red') return undefined
  const sign = side === 'low' ? -1 : 1
  const wanted = rounded(median + sign * SPREADS[zone] * spread, step, side === 'low' ? Math.floor : Math.ceil)
  const standard = standards.find((one) => one.zone === zone && one.side === side && !one.relative)?.value ?? value
  const gap =
    Math.abs(standardOf('yellow', absolute, standards, side) - standardOf('red', absolute, standards, side)) || spread
  const plausible = standards.find((one) => one.zone === 'plausible')
  const furthest = [standard - 2 * gap, standard + 2 * gap] as const
  const held = Math.min(
    Math.max(wanted, furthest[0], plausible?.value ?? Number.NEGATIVE_INFINITY),
    Math.min(furthest[1], plausible?.valueMax ?? Number.POSITIVE_INFINITY),
  )
  return { zone, side, value: held, before: value, isHeld: held !== wanted }
}

function asItIs({ zone, side, value }: Limit): ProposedLimit | undefined {
  if (zone !== 'yellow' && zone !== 'red') return undefined
  return { zone, ...(side ? { side } : {}), value, before: value, isHeld: false }
}

/** Yellow comes before red, also where red is held. */
function apart(moved: ProposedLimit[], side: 'low' | 'high', step: number): ProposedLimit[] {
  const red = moved.find(({ zone }) => zone === 'red')?.value
  if (red === undefined) return moved
  return moved.map((one) => {
    if (one.zone !== 'yellow') return one
    const value = side === 'low' ? Math.max(one.value, red + step) : Math.min(one.value, red - step)
    return { ...one, value: Number(value.toFixed(6)) }
  })
}

/** The plan's own limit, else the one that counts. */
function standardOf(zone: 'yellow' | 'red', absolute: Limit[], standards: Limit[], side: 'low' | 'high'): number {
  const isOne = (one: Limit) => one.zone === zone && one.side === side && !one.relative
  return (standards.find(isOne) ?? absolute.find(isOne))?.value ?? Number.NaN
}

const rounded = (value: number, step: number, round: (value: number) => number): number =>
  Number((round(Number((value / step).toFixed(6))) * step).toFixed(6))

/** Whether `$set-limits` would take it. */
function isInItself(limits: ProposedLimit[], first: Limit, ground: Ground): boolean {
  const { target = [], id } = goalWith(limits, first, ground)
  const others = limitsOfCarePlan(
    ground.carePlan,
    ground.goals.filter((goal) => goal.id !== id),
  )
  return checkLimits(target, others).length === 0
}

type Proposing = {
  measure: string
  first: Limit
  distribution: Distribution
  limits: ProposedLimit[]
  samples: Sample[]
}

function toProposal({ measure, first, distribution, limits, samples }: Proposing, ground: Ground): LimitsProposal {
  const { plan, carePlan, goals, now } = ground
  const goal = goalWith(limits, first, ground)
  const others = goals.filter(({ id }) => id !== goal.id)
  const after = limitsOfCarePlan(
    { ...carePlan, goal: [...(carePlan.goal ?? []), { reference: `Goal/${goal.id ?? 'proposed'}` }] },
    [...others, { ...goal, id: goal.id ?? 'proposed', lifecycleStatus: 'active' }],
  )
  const since = now.getTime() - HITS_DAYS * DAY
  const recent = samples.filter(({ at }) => at >= since)
  const count = (own: Limit[]) =>
    recent.filter((sample) => isHitBy(sample, first, limitsAt(own, plan.limits, new Date(sample.at)))).length
  const hits = { days: HITS_DAYS, before: count(limitsOfCarePlan(carePlan, goals)), after: count(after) }
  return { measure, unit: first.unit, distribution, limits, hits, goal }
}

function isHitBy({ value }: Sample, { codes, unit }: Limit, limits: Limit[]): boolean {
  const [system, code] = codes[0]?.split('|') ?? []
  const observation: Observation = {
    ...{ resourceType: 'Observation', status: 'final', code: { coding: [{ system, code }] } },
    valueQuantity: { value, code: unit },
  }
  return assess(observation, limits).limits.some((one) => one.hit && (one.zone === 'red' || one.zone === 'yellow'))
}

/** The person's Goal for this measure with what is proposed in place of what it says of it; a new one where there is none. */
function goalWith(limits: ProposedLimit[], first: Limit, { plan, carePlan, goals }: Ground): Goal {
  const isOfMeasure = (target: GoalTarget) =>
    toLimit(target, 'patient').some((one) => one.codes.some((code) => first.codes.includes(code)))
  const own = namedGoals(carePlan, goals).find(({ target }) => target?.some(isOfMeasure))
  const measure = plan.definition.goal
    ?.flatMap(({ target }) => target ?? [])
    .find((target) => toLimit(target as GoalTarget, 'plan').some((one) => one.measure === first.measure))?.measure
  const fresh = limits.map((limit): GoalTarget => toTarget(limit, measure, first))
  const replaces = (target: GoalTarget) =>
    isOfMeasure(target) &&
    toLimit(target, 'patient').some((old) =>
      limits.some(
        (one) =>
          one.zone === old.zone && one.side === old.side && !old.trend && !old.relative && !old.valid && !old.timeOfDay,
      ),
    )
  const kept = (own?.target ?? []).filter((target) => !replaces(target))
  const base: Goal = own ?? {
    ...{ resourceType: 'Goal', lifecycleStatus: 'proposed', subject: carePlan.subject },
    description: { text: `Egne grenser for ${first.measure}` },
  }
  return { ...base, lifecycleStatus: 'proposed', target: [...kept, ...fresh] }
}

function toTarget({ zone, side, value }: ProposedLimit, measure: GoalTarget['measure'], { unit }: Limit): GoalTarget {
  const parts = [{ url: 'zone', valueCode: zone }, ...(side ? [{ url: 'side', valueCode: side }] : [])]
  const comparator = side === undefined ? {} : { comparator: side === 'low' ? ('<' as const) : ('>' as const) }
  return {
    extension: [{ url: LIMIT, extension: parts }],
    measure,
    detailQuantity: { value, ...comparator, unit, system: 'http://unitsofmeasure.org', code: unit },
  }
}
