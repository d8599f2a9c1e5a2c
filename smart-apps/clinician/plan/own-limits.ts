import type {
  CarePlan,
  CodeableConcept,
  Extension,
  Goal,
  GoalTarget,
  PlanDefinition,
  Quantity,
} from '@medplum/fhirtypes'
import { LIMIT } from '../../../server/core/decide/plan/vocabulary.ts'

/** The bounds that people set: below which, or above which, a value is yellow or red. */
export const SLOTS = ['redLow', 'yellowLow', 'yellowHigh', 'redHigh'] as const
export type Slot = (typeof SLOTS)[number]
export type Bound = { value: number; comparator: '<' | '<=' | '>=' | '>' }

type StoredGoal = Goal & { id: string }

/** One measure with the limits that hold for a person, and whose they are. */
export type MeasureLimits = {
  /** `system|code` of its first coding. */
  key: string
  measure: CodeableConcept
  unit: Pick<Quantity, 'unit' | 'system' | 'code'>
  own: Partial<Record<Slot, Bound>>
  ofPlan: Partial<Record<Slot, Bound>>
  /** Those that are no plain bound: from what is usual, of a course, for a time of the day. They stay as they are. */
  others: readonly GoalTarget[]
  /** The person's Goal that holds its limits. */
  goal?: StoredGoal
}

const LIVING: ReadonlySet<string> = new Set(['accepted', 'active', 'on-hold'])
const NOT_PLAIN = ['relativeTo', 'trend', 'window', 'from', 'to', 'period', 'countMin']

/** What is measured in a plan, in its order, then what only the person has limits for. */
export function measuresOf(
  carePlan: CarePlan,
  goals: readonly StoredGoal[],
  plan: PlanDefinition | undefined,
): MeasureLimits[] {
  const named = new Set(carePlan.goal?.map(({ reference }) => reference?.split('/').slice(-2).join('/')))
  const ownGoals = goals.filter((goal) => named.has(`Goal/${goal.id}`) && LIVING.has(goal.lifecycleStatus))
  const found = new Map<string, MeasureLimits>()
  const at = (target: GoalTarget): MeasureLimits | undefined => {
    const coding = target.measure?.coding?.[0]
    if (!target.measure || !coding?.code || !limitOf(target)) return undefined
    const key = `${coding.system ?? ''}|${coding.code}`
    const known = found.get(key)
    if (known) return known
    const { unit, system, code } = target.detailQuantity ?? target.detailRange?.low ?? target.detailRange?.high ?? {}
    const made = { key, measure: target.measure, unit: { unit, system, code }, own: {}, ofPlan: {}, others: [] }
    found.set(key, made)
    return made
  }
  for (const target of plan?.goal?.flatMap(({ target }) => (target as GoalTarget[] | undefined) ?? []) ?? []) {
    const measure = at(target)
    const slot = slotOf(target)
    if (measure && slot) measure.ofPlan[slot] = boundOf(target)
  }
  for (const goal of ownGoals) {
    for (const target of goal.target ?? []) {
      const measure = at(target)
      if (!measure) continue
      const slot = slotOf(target)
      measure.goal ??= goal
      if (slot) measure.own[slot] = boundOf(target)
      else if (zoneOf(target) === 'red' || zoneOf(target) === 'yellow') measure.others = [...measure.others, target]
    }
  }
  return [...found.values()].filter(({ own, ofPlan }) => SLOTS.some((slot) => own[slot] ?? ofPlan[slot]))
}

/** What holds: the person's own before the plan's. */
export const boundIn = ({ own, ofPlan }: MeasureLimits, slot: Slot): Bound | undefined => own[slot] ?? ofPlan[slot]

/** Whether a bound is another than the plan's: an enrolment begins with a copy of these. */
export const isOwn = ({ own, ofPlan }: MeasureLimits, slot: Slot): boolean =>
  own[slot] !== undefined && own[slot].value !== ofPlan[slot]?.value

/** What somebody has written in the fields; undefined where a field is empty: then the plan's holds. */
export type Wanted = Partial<Record<Slot, number>>

/**
 * The Goal with these limits instead: what was the person's own and still differs stays theirs, what is as the plan says is the plan's.
 * Everything else that the Goal says stays.
 * @returns undefined when nothing of the person's own is left to be said
 */
export function goalWith(
  measure: MeasureLimits,
  wanted: Wanted,
  { subject, description }: { subject: Goal['subject']; description: string },
): Goal | undefined {
  const { goal, unit } = measure
  const kept = (goal?.target ?? []).filter((target) => !(isOf(target, measure) && slotOf(target)))
  const made = SLOTS.flatMap((slot): GoalTarget[] => {
    const value = wanted[slot]
    if (value === undefined) return []
    // As the plan has it, and never the person's own: it goes on following the plan.
    if (measure.own[slot] === undefined && measure.ofPlan[slot]?.value === value) return []
    const comparator = (measure.own[slot] ?? measure.ofPlan[slot])?.comparator ?? (slot.endsWith('Low') ? '<' : '>')
    return [
      {
        extension: [
          {
            url: LIMIT,
            extension: [
              { url: 'zone', valueCode: slot.startsWith('red') ? 'red' : 'yellow' },
              { url: 'side', valueCode: slot.endsWith('Low') ? 'low' : 'high' },
            ],
          },
        ],
        measure: measure.measure,
        detailQuantity: { value, comparator, ...unit },
      },
    ]
  })
  const target = [...made, ...kept]
  if (!target.some(limitOf)) return undefined
  if (goal) {
    const { meta: _meta, ...rest } = goal
    return { ...rest, target }
  }
  return { resourceType: 'Goal', lifecycleStatus: 'active', description: { text: description }, subject, target }
}

/** A proposed Goal with other bounds, by the key of their measure; a bound that it does not have is not added. */
export function withBounds(goal: Goal, bounds: Readonly<Record<string, Wanted>>): Goal {
  if (!goal.target) return goal
  const target = goal.target.map((one) => {
    const slot = slotOf(one)
    const coding = one.measure?.coding?.[0]
    const value = slot && bounds[`${coding?.system ?? ''}|${coding?.code}`]?.[slot]
    return value === undefined || !one.detailQuantity
      ? one
      : { ...one, detailQuantity: { ...one.detailQuantity, value } }
  })
  return { ...goal, target }
}

/** What contradicts itself: red lies inside of yellow, low below high. Empty fields are filled in by the plan's. */
export function orderFaults(measure: MeasureLimits, wanted: Wanted): Slot[] {
  const value = (slot: Slot) => wanted[slot] ?? measure.ofPlan[slot]?.value
  const pairs = [
    ['redLow', 'yellowLow'],
    ['yellowLow', 'yellowHigh'],
    ['yellowHigh', 'redHigh'],
    ['redLow', 'redHigh'],
  ] as const
  const wrong = pairs.flatMap(([low, high]) => {
    const [from, to] = [value(low), value(high)]
    return from !== undefined && to !== undefined && from > to ? [low, high] : []
  })
  return SLOTS.filter((slot) => wrong.includes(slot))
}

/** The plain bounds that a proposed Goal has for a measure. */
export function proposedBounds({ target = [] }: Goal, measure: MeasureLimits): Wanted {
  const wanted: Wanted = {}
  for (const one of target) {
    const slot = slotOf(one)
    if (slot && isOf(one, measure)) wanted[slot] = boundOf(one).value
  }
  return wanted
}

export const limitOf = ({ extension }: GoalTarget): Extension | undefined => extension?.find(({ url }) => url === LIMIT)

const isOf = ({ measure }: GoalTarget, { key }: MeasureLimits): boolean =>
  measure?.coding?.some(({ system, code }) => `${system ?? ''}|${code}` === key) ?? false

/** Which bound a target sets; undefined when it is none that holds always and for the value itself. */
function slotOf(target: GoalTarget): Slot | undefined {
  const parts = limitOf(target)?.extension ?? []
  if (!target.detailQuantity || parts.some(({ url }) => NOT_PLAIN.includes(url))) return undefined
  const side = parts.find(({ url }) => url === 'side')?.valueCode
  return SLOTS.find((slot) => slot === `${zoneOf(target)}${side === 'low' ? 'Low' : side === 'high' ? 'High' : ''}`)
}

const zoneOf = (target: GoalTarget): string | undefined =>
  limitOf(target)?.extension?.find(({ url }) => url === 'zone')?.valueCode

function boundOf(target: GoalTarget): Bound {
  const { value = 0, comparator } = target.detailQuantity ?? {}
  const side = slotOf(target)?.endsWith('High') ? '>' : '<'
  return { value, comparator: comparator ?? side }
}
