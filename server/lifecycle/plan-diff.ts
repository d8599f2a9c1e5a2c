import type { CarePlan, Goal, PlanDefinitionAction, ServiceRequest, Task } from '@medplum/fhirtypes'
import { allRules, type CompiledPlan } from '../decide/compile-plan.ts'
import { ruleOf } from '../decide/finding-task.ts'
import { type Limit, limitsOfCarePlan, withPrecedence } from '../decide/limits.ts'
import { inWords } from '../decide/words.ts'
import { changedElements, sortedJson } from './frozen.ts'

/** One thing that is not the same in two versions of a plan, or for one enrolment. */
export type Difference = {
  kind: 'rule' | 'limit' | 'schedule' | 'task' | 'kept'
  /** Id of the action, name of the measure, or reference of the resource. */
  about: string
  change: 'added' | 'removed' | 'changed' | 'kept'
  /** In words, what it was and what it will be. */
  before?: string
  after?: string
}

/** What one version says and another does not: rules by the id of their action, limits by measure, zone and side. */
export function diffPlans(from: CompiledPlan, to: CompiledPlan): Difference[] {
  return [...diffRules(from, to), ...diffLimits(from.limits, to.limits)]
}

function diffRules(from: CompiledPlan, to: CompiledPlan): Difference[] {
  const before = rulesOf(from)
  const after = rulesOf(to)
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id): Difference[] => {
    const [old, next] = [before.get(id), after.get(id)]
    if (!old) return [{ kind: 'rule', about: id, change: 'added', after: nameOf(next) }]
    if (!next) return [{ kind: 'rule', about: id, change: 'removed', before: nameOf(old) }]
    const changed = changedElements(asResource(old), asResource(next))
    if (changed.length === 0) return []
    const kind = changed.includes('timing') || changed.some((name) => name.startsWith('timing')) ? 'schedule' : 'rule'
    return [{ kind, about: id, change: 'changed', before: partsOf(old, changed), after: partsOf(next, changed) }]
  })
}

/** Each action by itself: what stands below it is told of on its own. */
const rulesOf = (plan: CompiledPlan): Map<string, PlanDefinitionAction> =>
  new Map(allRules(plan.rules).map(({ id, action: { action: _below, ...own } }) => [id, own]))

const asResource = (action: PlanDefinitionAction) => ({ resourceType: 'PlanDefinition', ...action })
const nameOf = (action: PlanDefinitionAction | undefined): string =>
  action?.title ?? action?.description ?? action?.id ?? ''
const partsOf = (action: PlanDefinitionAction, names: string[]): string =>
  names
    .map((name) => `${name}: ${sortedJson((action as Record<string, unknown>)[name]) ?? '-'}`)
    .join('; ')
    .slice(0, 500)

function diffLimits(before: Limit[], after: Limit[]): Difference[] {
  const [old, next] = [byKey(before), byKey(after)]
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((key): Difference[] => {
    const [was, becomes] = [old.get(key), next.get(key)]
    if (was === becomes) return []
    const change = was === undefined ? 'added' : becomes === undefined ? 'removed' : 'changed'
    return [
      { kind: 'limit', about: key, change, ...(was ? { before: was } : {}), ...(becomes ? { after: becomes } : {}) },
    ]
  })
}

const byKey = (limits: Limit[]): Map<string, string> =>
  new Map(limits.map((limit) => [keyOf(limit), limitInWords(limit)]))
const keyOf = ({ measure, zone, side, relative }: Limit): string =>
  [measure, zone, side, relative ? 'relative' : undefined].filter(Boolean).join(' ')

function limitInWords({ comparator, value, valueMax, unit, relative }: Limit): string {
  const range = valueMax === undefined ? inWords(value) : `${inWords(value)}–${inWords(valueMax)}`
  return `${comparator ?? ''}${range} ${unit}${relative ? ' fra grunnverdi' : ''}`.trim()
}

export type Enrolled = {
  carePlan: CarePlan
  goals: Goal[]
  openTasks: Task[]
  serviceRequests: ServiceRequest[]
}

/** What a move from one version to another means for one person: the limits that then count, what becomes of Tasks and activities. */
export function diffEnrolment(
  { carePlan, goals, openTasks, serviceRequests }: Enrolled,
  from: CompiledPlan,
  to: CompiledPlan,
): Difference[] {
  const own = limitsOfCarePlan(carePlan, goals)
  const known = new Set(allRules(to.rules).map(({ id }) => id))
  const orphans = openTasks.filter((task) => {
    const rule = ruleOf(task)
    return rule?.url === from.url && !rule.actionId.startsWith('*') && !known.has(rule.actionId.replace(/!$/, ''))
  })
  return [
    ...diffLimits(withPrecedence(own, from.limits), withPrecedence(own, to.limits)),
    ...own.map(
      (limit): Difference => ({ kind: 'kept', about: keyOf(limit), change: 'kept', after: limitInWords(limit) }),
    ),
    ...orphans.map((task): Difference => {
      // The work stays: what was found was found. Only no new finding will join it.
      return {
        kind: 'task',
        about: `Task/${task.id}`,
        change: 'kept',
        before: task.reasonCode?.text ?? '',
        after: 'regelen finnes ikke lenger',
      }
    }),
    ...moveActivities(serviceRequests, from, to).map(({ before, after }): Difference => {
      const change = after.status === 'revoked' ? 'removed' : 'changed'
      return {
        kind: 'schedule',
        about: `ServiceRequest/${before.id}`,
        change,
        before: scheduleOf(before),
        after: scheduleOf(after),
      }
    }),
  ]
}

const scheduleOf = ({ status, instantiatesCanonical = [], occurrenceTiming }: ServiceRequest): string =>
  `${status} ${instantiatesCanonical.join(' ')} ${sortedJson(occurrenceTiming?.repeat) ?? ''}`.trim()

export type MovedActivity = { before: ServiceRequest; after: ServiceRequest }

/**
 * The activities that the version before has ordered, as the next one has them: by the same action's definition, with its schedule unless
 * somebody has set another for this person; revoked where the action is gone.
 */
export function moveActivities(requests: ServiceRequest[], from: CompiledPlan, to: CompiledPlan): MovedActivity[] {
  const next = new Map(allRules(to.rules).map((rule) => [rule.id, rule]))
  const old = allRules(from.rules).filter(({ action }) => action.definitionCanonical)
  return requests.flatMap((before): MovedActivity[] => {
    if (before.status !== 'active' && before.status !== 'on-hold') return []
    const rule = old.find(({ action }) => before.instantiatesCanonical?.includes(String(action.definitionCanonical)))
    if (!rule) return []
    const successor = next.get(rule.id)
    const canonical = successor?.action.definitionCanonical
    if (!canonical) return [{ before, after: { ...before, status: 'revoked' } }]
    if (canonical === rule.action.definitionCanonical) return []
    const timing = successor?.activity?.timingTiming
    const isAsOrdered = sortedJson(before.occurrenceTiming) === sortedJson(rule.activity?.timingTiming)
    const instantiatesCanonical = before.instantiatesCanonical?.map((one) =>
      one === rule.action.definitionCanonical ? canonical : one,
    )
    return [
      {
        before,
        after: { ...before, instantiatesCanonical, ...(isAsOrdered && timing ? { occurrenceTiming: timing } : {}) },
      },
    ]
  })
}
