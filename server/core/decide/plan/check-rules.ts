import { checkRest } from '../limits/rest-before.ts'
import { allRules, type CompiledPlan, type Rule } from './compile-plan.ts'
import type { PlanProblem } from './plan-problem.ts'

/** Of such groups all that applies is done, whatever each of them says of being usual. */
const TAKES_ALL: ReadonlySet<string | undefined> = new Set(['all', 'all-or-none'])

/**
 * What a plan asks of its triggered actions that nothing here can do: nobody is there to choose when a trigger is pulled, and a Task for
 * the team, a named event or a move to another stage is made at once. Left alone it would be overlooked, so it is told before the plan
 * is in force.
 */
export function checkRules(plan: CompiledPlan): PlanProblem[] {
  const triggered = new Map<string, Rule>()
  const note = (rule: Rule, above: boolean): void => {
    const isTriggered = above || rule.triggers.length > 0 || rule.stage !== undefined
    if (isTriggered) triggered.set(rule.id, rule)
    for (const child of rule.children) note(child, isTriggered)
  }
  for (const rule of plan.rules) note(rule, false)
  return [
    ...unasked(plan.rules, undefined, triggered),
    ...allRules(plan.rules).flatMap((rule) => (triggered.has(rule.id) ? ofTriggered(rule, plan) : [])),
    ...allRules(plan.rules).flatMap((rule) => (triggered.has(rule.id) ? [] : ofEnrolled(rule, plan, triggered))),
    ...allRules(plan.rules).flatMap(ofTransform),
    ...allRules(plan.rules).flatMap(onceAlone),
    ...checkRest(plan, allRules(plan.rules)),
  ]
}

/** A StructureMap is not run here (decision 0032): what is to be set, a dynamicValue sets. */
function ofTransform(rule: Rule): PlanProblem[] {
  const { id, action, activity } = rule
  const map = action.transform ?? activity?.transform
  const diagnostics = `Action "${id}" is to be transformed by the StructureMap ${map}, which is not run here; set by dynamicValue what it was to set.`
  if (action.transform) return [{ expression: at(rule, 'transform'), diagnostics }]
  return activity?.transform ? [{ expression: at(rule, 'definitionCanonical'), diagnostics }] : []
}

const at = ({ id }: Rule, element: string) => `PlanDefinition.action.where(id = '${id}').${element}`

/** Left out unless somebody asks for it, and nobody does. */
function unasked(rules: Rule[], group: Rule | undefined, triggered: ReadonlyMap<string, Rule>): PlanProblem[] {
  return rules.flatMap((rule) => {
    const { precheckBehavior, requiredBehavior } = rule.action
    const isNever =
      triggered.has(rule.id) &&
      precheckBehavior === 'no' &&
      requiredBehavior !== 'must' &&
      !TAKES_ALL.has(group?.action.selectionBehavior)
    const diagnostics = `Action "${rule.id}" is left out unless somebody chooses it, and nobody is asked when a trigger is pulled; leave precheckBehavior out, or say must.`
    return [
      ...(isNever ? [{ expression: at(rule, 'precheckBehavior'), diagnostics }] : []),
      ...unasked(rule.children, rule, triggered),
    ]
  })
}

/** A form that an action names is a Task of the patient, and a Task is done once: a Timing on it would be lost without a word. */
function onceAlone(rule: Rule): PlanProblem[] {
  if (rule.effect.does !== 'ask' || !rule.action.timingTiming) return []
  const diagnostics = `Action "${rule.id}" asks for a form, which is answered once; what is answered again and again is an ActivityDefinition of the kind ServiceRequest with that Timing and cpg-collectWith.`
  return [{ expression: at(rule, 'timingTiming'), diagnostics }]
}

function ofTriggered(rule: Rule, { relations }: CompiledPlan): PlanProblem[] {
  const waits = relations.get(rule.id) ?? []
  if (waits.length === 0 || rule.effect.does === 'start' || rule.effect.does === 'ask') return []
  const others = waits.map(({ to }) => to).join(', ')
  const diagnostics = `Action "${rule.id}" is done at once when its trigger is pulled and cannot wait for ${others}; only a request to the patient or another, by an ActivityDefinition of another kind than Task or a Questionnaire, is held.`
  return [{ expression: at(rule, 'relatedAction'), diagnostics }]
}

function ofEnrolled(rule: Rule, { relations }: CompiledPlan, triggered: ReadonlyMap<string, Rule>): PlanProblem[] {
  const other = (relations.get(rule.id) ?? []).find(({ to }) => triggered.has(to))
  if (!other) return []
  const diagnostics = `Action "${rule.id}" is done at the enrolment and cannot wait for "${other.to}", which only its trigger brings; give it a trigger too.`
  return [{ expression: at(rule, 'relatedAction'), diagnostics }]
}
