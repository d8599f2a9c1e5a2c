import type { CarePlan, Goal, PlanDefinitionAction, Task, Timing } from '@medplum/fhirtypes'
import { wordsOf } from '../core/decide/enrolment/goals-of-plan.ts'
import { type Limit, limitKey, limitsOfCarePlan, withPrecedence } from '../core/decide/limits/limits.ts'
import { allRules, type CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import { madeBy } from '../core/decide/plan/steer.ts'
import { ruleOf } from '../core/decide/task/finding-task.ts'
import type { Language } from '../core/decide/words/language.ts'
import { reasonIn } from '../core/decide/words/told.ts'
import { translated } from '../core/decide/words/translated.ts'
import { inWords } from '../core/decide/words/words.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { phaseOf } from '../core/requests/activity-life.ts'
import { type DifferingPart, differingParts } from './differing-parts.ts'
import { changedElements, sortedJson } from './frozen.ts'
import type { MovedActivity } from './moved-activities.ts'
import { shortened } from './plan-parts.ts'

/** One thing that is not the same in two versions of a plan, or for one enrolment. */
export type Difference = {
  kind: 'plan' | 'rule' | 'limit' | 'schedule' | 'activity' | 'task' | 'goal' | 'kept'
  /** Id of the action, name of the measure, of the goal or of the plan's element, or reference of the resource. */
  about: string
  change: 'added' | 'removed' | 'changed' | 'kept' | 'undecided'
  /** In words, what it was and what it will be. */
  before?: string
  after?: string
}

/** What one version says and another does not: rules by the id of their action, limits by measure, zone and side. */
export function diffPlans(from: CompiledPlan, to: CompiledPlan, language: Language): Difference[] {
  return [...diffRules(from, to, language), ...diffLimits(from.limits, to.limits, language)]
}

function diffRules(from: CompiledPlan, to: CompiledPlan, language: Language): Difference[] {
  const before = rulesOf(from)
  const after = rulesOf(to)
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id): Difference[] => {
    const [old, next] = [before.get(id), after.get(id)]
    if (!old) return [{ kind: 'rule', about: id, change: 'added', after: nameOf(next, language) }]
    if (!next) return [{ kind: 'rule', about: id, change: 'removed', before: nameOf(old, language) }]
    const changed = changedElements(asResource(old), asResource(next))
    if (changed.length === 0) return []
    const kind = changed.includes('timing') || changed.some((name) => name.startsWith('timing')) ? 'schedule' : 'rule'
    const parts = differingParts({ before: old, after: next }, language)
    return [{ kind, about: id, change: 'changed', ...partsInWords(parts) }]
  })
}

/** Each action by itself: what stands below it is told of on its own. */
const rulesOf = (plan: CompiledPlan): Map<string, PlanDefinitionAction> =>
  new Map(allRules(plan.rules).map(({ id, action: { action: _below, ...own } }) => [id, own]))

const asResource = (action: PlanDefinitionAction) => ({ resourceType: 'PlanDefinition', ...action })
const nameOf = (action: PlanDefinitionAction | undefined, language: Language): string =>
  action
    ? (translated(action, 'title', language) ?? translated(action, 'description', language) ?? action.id ?? '')
    : ''

/** Each side of a difference, place by place: `timingDuration: 8 h; title: Call`. */
export function partsInWords(parts: DifferingPart[]): { before: string; after: string } {
  const side = (which: 'before' | 'after') =>
    shortened(parts.map((one) => `${one.path && `${one.path}: `}${one[which] ?? '-'}`).join('; '))
  return { before: side('before'), after: side('after') }
}

function diffLimits(before: Limit[], after: Limit[], language: Language): Difference[] {
  const [old, next] = [byKey(before, language), byKey(after, language)]
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((key): Difference[] => {
    const [was, becomes] = [old.get(key), next.get(key)]
    if (was === becomes) return []
    const change = was === undefined ? 'added' : becomes === undefined ? 'removed' : 'changed'
    return [
      { kind: 'limit', about: key, change, ...(was ? { before: was } : {}), ...(becomes ? { after: becomes } : {}) },
    ]
  })
}

const byKey = (limits: Limit[], language: Language): Map<string, string> =>
  new Map(limits.map((limit) => [limitKey(limit), limitInWords(limit, language)]))

function limitInWords({ comparator, value, valueMax, unit, relative }: Limit, language: Language): string {
  const number = (one: number) => (language === 'en' ? String(one) : inWords(one))
  const range = valueMax === undefined ? number(value) : `${number(value)}–${number(valueMax)}`
  return `${comparator ?? ''}${range} ${unit}${relative ? ` ${FROM_BASELINE[language]}` : ''}`.trim()
}

const FROM_BASELINE: Record<Language, string> = { nb: 'fra grunnverdi', nn: 'frå grunnverdi', en: 'from the baseline' }
const NO_RULE: Record<Language, string> = {
  nb: 'regelen finnes ikke lenger',
  nn: 'regelen finst ikkje lenger',
  en: 'the rule is no longer there',
}

export type Enrolled = {
  carePlan: CarePlan
  goals: Goal[]
  openTasks: Task[]
  /** What becomes of what was ordered. */
  moved: MovedActivity[]
  /** What the next version asks for beside it. */
  added: Resource[]
  /** What becomes of the Goals; those that are kept are the person's own, and the next version does not have them. */
  aims: { made: Goal[]; closed: { before: Goal }[]; kept: Goal[] }
  /** Why something that it may ask for could not be decided. */
  undecided: string[]
}

/** What a move from one version to another means for one person: the limits that then count, what becomes of Tasks and activities. */
export function diffEnrolment(
  { carePlan, goals, openTasks, moved, added, undecided, aims }: Enrolled,
  { from, to, language }: { from: CompiledPlan; to: CompiledPlan; language: Language },
): Difference[] {
  const own = limitsOfCarePlan(carePlan, goals)
  // The limits of what is made and of what ends count as they will.
  const ending = new Set(aims.closed.map(({ before }) => before.id))
  const standing = [...goals.filter(({ id }) => !ending.has(id)), ...aims.made]
  const named = aims.made.map(({ id }) => ({ reference: `Goal/${id}` }))
  const next = limitsOfCarePlan({ ...carePlan, goal: [...(carePlan.goal ?? []), ...named] }, standing)
  const known = new Set(allRules(to.rules).map(({ id }) => id))
  const changing = new Set(moved.map(({ before }) => referenceOf(before)))
  const orphans = openTasks.filter((task) => {
    const rule = ruleOf(task)
    return (
      rule?.url === from.url &&
      !changing.has(`Task/${task.id}`) &&
      !rule.actionId.startsWith('*') &&
      !known.has(rule.actionId.replace(/!$/, ''))
    )
  })
  return [
    ...diffLimits(withPrecedence(own, from.limits), withPrecedence(next, to.limits), language),
    ...aims.made.map((goal): Difference => ({ kind: 'goal', about: wordsOf(goal), change: 'added' })),
    ...aims.closed.map(
      ({ before }): Difference => ({
        kind: 'goal',
        about: `Goal/${before.id}`,
        change: 'removed',
        before: wordsOf(before),
      }),
    ),
    ...aims.kept.map(
      (goal): Difference => ({ kind: 'goal', about: `Goal/${goal.id}`, change: 'kept', before: wordsOf(goal) }),
    ),
    ...own
      .filter((limit) => next.some((one) => limitKey(one) === limitKey(limit)))
      .map(
        (limit): Difference => ({
          kind: 'kept',
          about: limitKey(limit),
          change: 'kept',
          after: limitInWords(limit, language),
        }),
      ),
    ...orphans.map((task): Difference => {
      // The work stays: what was found was found. Only no new finding will join it.
      return {
        kind: 'task',
        about: `Task/${task.id}`,
        change: 'kept',
        before: reasonIn(task)[language],
        after: NO_RULE[language],
      }
    }),
    ...moved.map(({ before, after }): Difference => {
      const change = phaseOf(after) === undefined ? 'removed' : 'changed'
      const about = referenceOf(before)
      return { kind: activityKind(before), about, change, before: inShort(before), after: inShort(after) }
    }),
    ...added.map((resource): Difference => {
      const about = madeBy(resource)?.actionId ?? resource.resourceType
      return {
        kind: activityKind(resource),
        about,
        change: 'added',
        after: `${resource.resourceType} ${inShort(resource)}`,
      }
    }),
    ...undecided.map((after): Difference => ({ kind: 'activity', about: to.canonical, change: 'undecided', after })),
  ]
}

const referenceOf = ({ resourceType, id }: Resource) => `${resourceType}/${id}`
const activityKind = ({ occurrenceTiming }: Resource) => (occurrenceTiming ? 'schedule' : 'activity')

function inShort({ status, instantiatesCanonical, occurrenceTiming }: Resource): string {
  const canonicals = [instantiatesCanonical ?? []].flat().join(' ')
  const { repeat } = (occurrenceTiming ?? {}) as Timing
  return `${status} ${canonicals} ${repeat ? sortedJson(repeat) : ''}`.replace(/ +/g, ' ').trim()
}
