import type { PlanDefinition, PlanDefinitionAction, RequestGroup, RequestGroupAction } from '@medplum/fhirtypes'
import { stageIn } from '../decide/stages/stage.ts'
import type { Resource } from '../fhir/resource.ts'
import type { Proposed } from './edited-proposal.ts'
import { keyOf } from './selection.ts'

/**
 * A proposal without what the engine does later: an action with a trigger is for its moment, not for the day of the enrolment. $apply
 * itself, which R4 lets overlook triggers, proposes it all the same.
 * @param find gives the plans within the plan
 */
export function withoutRules(
  proposed: Proposed,
  plan: PlanDefinition,
  find: (canonical: string) => Resource | undefined,
): Proposed {
  const contained = new Map(proposed.contained)
  const strip = (group: RequestGroup, by: PlanDefinition): RequestGroup => {
    const rules = rulesOf(by.action)
    const kept = (actions: RequestGroupAction[] = []): RequestGroupAction[] =>
      actions.flatMap((action) => {
        if (rules.has(keyOf(action))) return []
        nested(action)
        if (!action.action) return [action]
        const below = kept(action.action)
        return below.length > 0 || action.resource ? [{ ...action, action: below }] : []
      })
    return { ...group, action: kept(group.action) }
  }
  const nested = ({ resource }: RequestGroupAction): void => {
    const inner = contained.get(resource?.reference?.replace(/^#/, '') ?? '')
    if (inner?.resourceType !== 'RequestGroup') return
    const group = inner as Resource & RequestGroup
    const definition = (group.instantiatesCanonical ?? [])
      .map(find)
      .find((one) => one?.resourceType === 'PlanDefinition')
    if (definition) {
      const stripped = strip(group, definition as Resource & PlanDefinition)
      contained.set(String(inner.id), stripped as unknown as Resource)
    }
  }
  const group = strip(proposed.group, plan)
  return { ...proposed, group, contained: led(contained, { ...proposed.carePlan, contained: undefined }, group) }
}

/** The actions that have a trigger, and those below them; what a stage brings comes when it begins. */
function rulesOf(actions: PlanDefinitionAction[] = [], isBelow = false): Set<string> {
  return new Set(
    actions.flatMap((action) => {
      const isRule = isBelow || (action.trigger ?? []).length > 0 || stageIn(action) !== undefined
      return [...(isRule ? [keyOf(action as RequestGroupAction)] : []), ...rulesOf(action.action, isRule)]
    }),
  )
}

/** What is still led to, from the CarePlan and from the RequestGroup; messages are for whoever reads them. */
function led(contained: Map<string, Resource>, carePlan: object, group: RequestGroup): Map<string, Resource> {
  const found = new Map<string, Resource>([[String(group.id), group as unknown as Resource]])
  const follow = (from: object) => {
    for (const [, id = ''] of JSON.stringify(from).matchAll(/"reference":"#([^"]+)"/g)) {
      const inner = contained.get(id)
      if (!inner || found.has(id)) continue
      found.set(id, inner)
      follow(inner)
    }
  }
  follow(carePlan)
  follow(group)
  return found
}
