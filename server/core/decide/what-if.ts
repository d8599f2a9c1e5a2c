import type { Goal, GoalTarget } from '@medplum/fhirtypes'
import { decide } from './decide.ts'
import type { Decisions, RuleTrace } from './decisions.ts'
import type { Facts } from './facts.ts'
import { type AssessedLimit, type Comparator, differenceOf, toLimit } from './limits/limits.ts'
import { allRules } from './plan/compile-plan.ts'
import type { ConditionTrace } from './plan/condition.ts'
import { LIMIT } from './plan/vocabulary.ts'

/** The zones whose limits can be tried: those that make work. */
export const LIMIT_ZONES = ['red', 'yellow'] as const

/** A limit that is tried: of one measure, in place of what the person has on that side of that zone. */
export type TriedLimit = {
  /** `system|code` of the measure; the first is written, all are replaced. */
  codes: string[]
  zone: (typeof LIMIT_ZONES)[number]
  side: 'low' | 'high'
  comparator: Comparator
  value: number
  unit: string
  relative: boolean
  inPercent?: true
}

/** What would have been decided by other limits, everything else as it was. */
export function decideWithLimits(facts: Facts, limits: TriedLimit[]): Decisions {
  const goals = facts.goals.map((goal) => ({
    ...goal,
    target: (goal.target ?? []).filter((one) => !isReplaced(one, limits)),
  }))
  const id = 'what-if'
  const tried: Goal = {
    resourceType: 'Goal',
    id,
    lifecycleStatus: 'active',
    description: { text: id },
    subject: facts.carePlan.subject,
    target: limits.map(toTarget),
  }
  const carePlan = { ...facts.carePlan, goal: [...(facts.carePlan.goal ?? []), { reference: `Goal/${id}` }] }
  let made = 0
  return decide({ ...facts, carePlan, goals: [...goals, tried], newId: () => `${id}-${made++}` })
}

const isReplaced = (target: GoalTarget, limits: TriedLimit[]): boolean =>
  toLimit(target, 'patient').some((own) =>
    limits.some(
      ({ codes, zone, side, relative, inPercent }) =>
        own.zone === zone &&
        own.side === side &&
        own.relative === relative &&
        own.inPercent === inPercent &&
        !own.trend &&
        own.codes.some((code) => codes.includes(code)),
    ),
  )

function toTarget({ codes, zone, side, comparator, value, unit, relative, inPercent }: TriedLimit): GoalTarget {
  const coding = codes.map((token) => {
    const at = token.lastIndexOf('|')
    return { system: token.slice(0, at), code: token.slice(at + 1) }
  })
  const parts = { zone, side, ...(relative ? { relativeTo: inPercent ? 'baseline-percent' : 'baseline' } : {}) }
  return {
    extension: [{ url: LIMIT, extension: Object.entries(parts).map(([url, valueCode]) => ({ url, valueCode })) }],
    measure: { coding },
    detailQuantity: { value, comparator, unit, code: unit },
  }
}

/** The limit at which a rule would have come out otherwise. */
export type Threshold = {
  rule: string
  limit: AssessedLimit & { zone: 'red' | 'yellow'; side: 'low' | 'high'; comparator: Comparator }
  /** Beyond this value of the limit, in this direction, the rule comes out otherwise. */
  direction: Comparator
  value: number
  wouldApply: boolean
}

/** Which limits turn a rule over: hit when `observed comparator limit`, so the limit lies on the other side of what was observed. */
const DIRECTION: Record<Comparator, { hit: Comparator; missed: Comparator }> = {
  '<': { hit: '>', missed: '<=' },
  '<=': { hit: '>=', missed: '<' },
  '>': { hit: '<', missed: '>=' },
  '>=': { hit: '<=', missed: '>' },
}

/**
 * For each rule that looks at limits, the limit at which it would have come out otherwise. Each is tried: what is told here is
 * what the rules would really have decided.
 */
export function thresholds(facts: Facts, trace: RuleTrace[]): Threshold[] {
  const leaves = new Set(allRules(facts.plan.rules).flatMap((rule) => (rule.children.length === 0 ? [rule.id] : [])))
  return trace
    .filter(({ actionId, outcome }) => leaves.has(actionId) && outcome !== 'unevaluable')
    .flatMap((rule) => movableLimits(rule.conditions).flatMap((limit) => thresholdOf(facts, rule, limit) ?? []))
}

function thresholdOf(facts: Facts, rule: RuleTrace, limit: Threshold['limit']): Threshold | undefined {
  const observed = limit.relative ? differenceOf(limit, limit.observed, limit.baseline ?? Number.NaN) : limit.observed
  if (Number.isNaN(observed)) return undefined
  const wouldApply = rule.outcome !== 'applicable'
  const direction = DIRECTION[limit.comparator][wouldApply ? 'hit' : 'missed']
  const { codes, zone, side, comparator, unit, relative, inPercent } = limit
  const value = justBeyond(observed, direction)
  const tried = { codes, zone, side, comparator, value, unit, relative, ...(inPercent ? { inPercent } : {}) }
  const after = decideWithLimits(facts, [tried]).trace.find(({ actionId }) => actionId === rule.actionId)
  const applies = after?.outcome === 'applicable'
  return applies === wouldApply ? { rule: rule.actionId, limit, direction, value: observed, wouldApply } : undefined
}

/** The nearest value on that side, one step in the last decimal on. */
function justBeyond(value: number, direction: Comparator): number {
  if (direction === '<=' || direction === '>=') return value
  const decimals = String(value).split('.')[1]?.length ?? 0
  const step = 10 ** -decimals
  return Number((direction === '>' ? value + step : value - step).toFixed(decimals))
}

/** The limits that a condition looks at: of the zones that it names, or all of them. */
export function limitsNamed({ expression, seen }: ConditionTrace): AssessedLimit[] {
  const zones = new Set([...expression.matchAll(/zone\s*=\s*'(\w+)'/g)].map((match) => match[1]))
  const limits = (seen.limits ?? []) as AssessedLimit[]
  return zones.size === 0 ? limits : limits.filter(({ zone }) => zones.has(zone))
}

/** Those of one rule that can be moved to turn it over. */
const movableLimits = (conditions: ConditionTrace[]): Threshold['limit'][] =>
  [...new Set(conditions.flatMap(limitsNamed))].filter(
    (limit): limit is Threshold['limit'] =>
      !limit.trend &&
      (limit.zone === 'red' || limit.zone === 'yellow') &&
      limit.side !== undefined &&
      limit.comparator !== undefined,
  )
