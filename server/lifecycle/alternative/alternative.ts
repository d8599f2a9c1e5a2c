import type { GoalTarget, PlanDefinition } from '@medplum/fhirtypes'
import { checkLimits } from '../../core/decide/limits/check-limits.ts'
import { type Limit, toLimit } from '../../core/decide/limits/limits.ts'
import type { CompiledPlan, Rule } from '../../core/decide/plan/compile-plan.ts'
import type { RuleRate } from '../../core/decide/plan/rule-rates.ts'
import { SUMMARY_WINDOW } from '../../core/decide/plan/vocabulary.ts'
import { longestMilliseconds } from '../../core/decide/time/duration.ts'

/** A yellow limit of the plan, and where it would stand. */
export type MovedLimit = {
  /** Where in `PlanDefinition.goal[].target[]`. */
  goal: number
  target: number
  measure: string
  unit: string
  from: number
  to: number
}

/** The same plan, quieter in one respect. Red rules and red limits are never touched. Plain JSON: it is kept while it is tried. */
export type Alternative = {
  limits: MovedLimit[]
  /** Findings that come within so many hours of each other are one Task. */
  summaryHours?: number
}

/** How far a yellow limit is moved towards the red one of its measure: so much of the way. */
const SHARES = [1 / 3, 2 / 3]
const SUMMARY_HOURS = 24
const HOUR = 3_600_000

/**
 * What could be tried with a plan whose alarms cost too much, the mildest first: the yellow limits behind its loudest rule moved, findings of
 * a day gathered, the yellow limits behind all loud rules moved, all of it.
 * @param rules of the plan, as they were measured
 * @returns at most seven; none where no yellow limit is behind what is loud and findings are gathered already
 */
export function alternativesTo(plan: CompiledPlan, rules: RuleRate[]): Alternative[] {
  const loud = loudLimits(plan, rules)
  const [loudest] = loud
  const ofLoudest = loud.filter(({ limit }) => limit.measure === loudest?.limit.measure)
  const moved = (limits: LoudLimit[]) => SHARES.map((share) => ({ limits: limits.flatMap((one) => moves(one, share)) }))
  const gathering = isGathering(plan.definition) ? {} : { summaryHours: SUMMARY_HOURS }
  const all = [
    ...moved(ofLoudest),
    { limits: [], ...gathering },
    ...moved(loud),
    ...moved(loud).map((one) => ({ ...one, ...gathering })),
  ]
  const different = new Map(all.map((one) => [JSON.stringify(one), one]))
  return [...different.values()].filter((one) => changesSomething(one) && isPossible(plan.definition, one))
}

/** The plan as the alternative would have it. */
export function asAlternative(plan: PlanDefinition, { limits, summaryHours }: Alternative): PlanDefinition {
  const moved = (target: GoalTarget, goal: number, at: number): GoalTarget => {
    const move = limits.find((one) => one.goal === goal && one.target === at)
    return move ? { ...target, detailQuantity: { ...target.detailQuantity, value: move.to } } : target
  }
  const others = plan.extension?.filter(({ url }) => url !== SUMMARY_WINDOW) ?? []
  const window = { value: summaryHours ?? 0, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' }
  return {
    ...plan,
    ...(summaryHours ? { extension: [...others, { url: SUMMARY_WINDOW, valueDuration: window }] } : {}),
    ...(plan.goal && limits.length > 0
      ? { goal: plan.goal.map((goal, i) => ({ ...goal, ...targetsOf(goal.target, (one, j) => moved(one, i, j)) })) }
      : {}),
  }
}

const targetsOf = (target: GoalTarget[] | undefined, moved: (target: GoalTarget, at: number) => GoalTarget) =>
  target ? { target: target.map(moved) } : {}

type LoudLimit = { goal: number; target: number; limit: Limit; red: Limit; noise: number }

/** Yellow limits by which a rule has made Tasks that led to nothing, or to nothing yet, with the red limit of the same kind. */
function loudLimits(plan: CompiledPlan, rules: RuleRate[]): LoudLimit[] {
  const noises = new Map(rules.map(({ actionId, taskCount, actedOnCount }) => [actionId, taskCount - actedOnCount]))
  const placed = (plan.definition.goal ?? []).flatMap(({ target = [] }, goal) =>
    target.flatMap((one, at) =>
      toLimit(one, 'plan').map((limit) => ({ goal, target: at, limit, isRange: !one.detailQuantity })),
    ),
  )
  return placed
    .flatMap(({ limit, isRange, ...place }) => {
      const red = placed.find((other) => isRedOf(other.limit, limit))?.limit
      const looking = rulesLookingAt(limit, plan.rules)
      const noise = looking.reduce((sum, { id }) => sum + (noises.get(id) ?? 0), 0)
      return limit.zone === 'yellow' && !isRange && red && noise > 0 ? [{ ...place, limit, red, noise }] : []
    })
    .sort((one, other) => other.noise - one.noise)
}

const isRedOf = (red: Limit, yellow: Limit): boolean =>
  red.zone === 'red' &&
  red.side === yellow.side &&
  red.relative === yellow.relative &&
  red.inPercent === yellow.inPercent &&
  red.unit === yellow.unit &&
  JSON.stringify(red.trend) === JSON.stringify(yellow.trend) &&
  red.codes.some((code) => yellow.codes.includes(code))

/** Yellow rules that ask for limits of what it is measured as. @param above the triggers of the rules around them, which are theirs too */
const rulesLookingAt = (limit: Limit, rules: Rule[], above: Rule['triggers'] = []): Rule[] =>
  rules.flatMap((rule) => {
    const triggers = rule.triggers.length > 0 ? rule.triggers : above
    const isLooking =
      rule.colour === 'yellow' &&
      rule.conditions.some(({ expression }) => expression.includes('%limits')) &&
      triggers.some(({ data = [] }) =>
        data.some((one) => codesOf(one.codeFilter).some((code) => limit.codes.includes(code))),
      )
    return [...(isLooking ? [rule] : []), ...rulesLookingAt(limit, rule.children, triggers)]
  })

type Filters = NonNullable<NonNullable<Rule['triggers'][number]['data']>[number]['codeFilter']>
const codesOf = (filters: Filters = []): string[] =>
  filters.flatMap(({ code = [] }) => code.map((one) => `${one.system}|${one.code}`))

/** With no more decimals than its two limits have; one that would not move, or would reach the red one, stays where it is. */
function moves({ goal, target, limit, red }: LoudLimit, share: number): MovedLimit[] {
  const unit = 10 ** -Math.max(decimalsOf(limit.value), decimalsOf(red.value))
  const to = Number((Math.round((limit.value + share * (red.value - limit.value)) / unit) * unit).toFixed(6))
  const { measure, value: from } = limit
  return to === from || to === red.value ? [] : [{ ...{ goal, target, measure, unit: limit.unit }, from, to }]
}

const decimalsOf = (value: number): number => String(value).split('.')[1]?.length ?? 0

const isGathering = ({ extension = [] }: PlanDefinition): boolean =>
  extension.some(({ url, valueDuration }) => {
    return url === SUMMARY_WINDOW && valueDuration && longestMilliseconds(valueDuration) >= SUMMARY_HOURS * HOUR
  })

const changesSomething = ({ limits, summaryHours }: Alternative): boolean => limits.length > 0 || !!summaryHours

/** Its limits do not contradict each other. */
const isPossible = (plan: PlanDefinition, alternative: Alternative): boolean =>
  checkLimits((asAlternative(plan, alternative).goal ?? []).flatMap(({ target = [] }) => target)).length === 0
