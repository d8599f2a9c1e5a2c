import type { PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { findHook, type Hook } from './hooks.ts'

/**
 * The hooks that a plan answers to: the `named-event` triggers whose name is that of a hook.
 * @see https://hl7.org/fhir/R4/clinicalreasoning-cds-on-fhir.html#surfacing-clinical-decision-support
 */
export function hooksOf(plan: PlanDefinition): Hook[] {
  const names = (actions: PlanDefinitionAction[] = []): string[] =>
    actions.flatMap(({ trigger, action }) => [...hookNames(trigger), ...names(action)])
  return [...new Set(names(plan.action))].flatMap((name) => findHook(name) ?? [])
}

/**
 * The plan as it answers to one hook: the actions that this hook wakes, with all that is in them. An action without a trigger of its
 * own has that of the action around it; what only something else wakes is left out, for nothing of that kind has happened.
 */
export function hookedPlan(plan: PlanDefinition, hook: Hook): PlanDefinition {
  return { ...plan, action: (plan.action ?? []).flatMap((action) => wokenBy(action, hook, false)) }
}

function wokenBy(action: PlanDefinitionAction, hook: Hook, isAwake: boolean): PlanDefinitionAction[] {
  const hasOwn = (action.trigger?.length ?? 0) > 0
  const isWoken = hasOwn ? hookNames(action.trigger).includes(hook.name) : isAwake
  const children = (action.action ?? []).flatMap((child) => wokenBy(child, hook, isWoken))
  if (!isWoken && children.length === 0) return []
  const { action: _all, ...rest } = action
  // A group around what is woken still says how to choose and under which conditions; what it would do itself sleeps.
  const { definitionCanonical: _canonical, definitionUri: _uri, dynamicValue: _values, ...group } = rest
  return [{ ...(isWoken ? rest : group), ...(children.length > 0 ? { action: children } : {}) }]
}

const hookNames = (triggers: PlanDefinitionAction['trigger'] = []): string[] =>
  triggers.flatMap(({ type, name }) => (type === 'named-event' && name && findHook(name) ? [name] : []))
