import type { CarePlan, Goal, PlanDefinitionGoal } from '@medplum/fhirtypes'
import { goalsOf, isLiving, wordsOf } from '../core/decide/enrolment/goals-of-plan.ts'
import { type Limit, limitKey, namedGoals, toLimit } from '../core/decide/limits/limits.ts'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import { toOsloClock } from '../core/decide/time/oslo-time.ts'
import { type Told, toldAs } from '../core/decide/words/told.ts'

/** What a move to another version means for the Goals of one person. */
export type GoalMove = {
  /** What the next version no longer aims at, as it was and as it will be. */
  closed: { before: Goal; after: Goal }[]
  /** The same, but made this person's own since: it goes on. */
  kept: Goal[]
  /** What the next version aims at, and the one before did not, in the words by which a proposal has it. */
  wanted: Set<string>
}

/**
 * Goals are known by their words, and between two versions also by the id in the plan. What somebody has set anew for this person is the
 * person's own and does not end with the plan's.
 * @param goals the patient's; those that the CarePlan names count
 */
export function moveGoals(
  carePlan: CarePlan,
  goals: Goal[],
  { from, to, now }: { from: CompiledPlan; to: CompiledPlan; now: Date },
): GoalMove {
  const [old, next] = [goalsOf(from), goalsOf(to)]
  const own = namedGoals(carePlan, goals)
  const known = new Set(own.map(wordsOf))
  const gone = new Set(old.filter((one) => !next.some(isSame(one))).map(wordsOf))
  const ending = own.filter((goal) => gone.has(wordsOf(goal)) && isLiving(goal))
  const [closing, kept] = [ending.filter(isAsMade), ending.filter((goal) => !isAsMade(goal))]
  const fresh = next.filter((one) => !old.some(isSame(one))).map(wordsOf)
  return {
    closed: closing.map((before) => ({ before, after: closed(before, to, now) })),
    kept,
    wanted: new Set(fresh.filter((words) => !known.has(words))),
  }
}

/** A Goal of the next version without the limits that the person has of their own: those go before the plan's, then as now. */
export function withoutOwn<T extends Goal>(goal: T, own: Limit[]): T {
  const known = new Set(own.map(limitKey))
  const { target: all = [], ...rest } = goal
  const target = all.filter((one) => toLimit(one, 'patient').every((limit) => !known.has(limitKey(limit))))
  return (target.length > 0 ? { ...rest, target } : rest) as T
}

const isSame = (one: PlanDefinitionGoal) => (other: PlanDefinitionGoal) =>
  (one.id !== undefined && one.id === other.id) || wordsOf(one) === wordsOf(other)

/** Nobody has changed it since the enrolment made it. */
const isAsMade = ({ meta }: Goal): boolean => meta?.versionId === '1'

function closed(goal: Goal, { canonical }: CompiledPlan, now: Date): Goal {
  const why: Told = {
    nb: `${canonical} har ikke lenger dette målet.`,
    nn: `${canonical} har ikkje lenger dette målet.`,
    en: `${canonical} no longer has this goal.`,
  }
  return { ...goal, lifecycleStatus: 'cancelled', statusDate: toOsloClock(now).date, ...toldAs('statusReason', why) }
}
