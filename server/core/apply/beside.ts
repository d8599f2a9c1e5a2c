import type { RequestGroup, RequestGroupAction } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import type { Proposed } from './edited-proposal.ts'
import { keyOf } from './selection.ts'

/** Of alternatives somebody has chosen before: another one that comes is no reason to choose anew. */
const CHOSEN_BEFORE: ReadonlySet<string> = new Set(['exactly-one', 'at-most-one'])

/**
 * The part of a proposal that is new to who is in the plan already, with the actions around it, so that what must be chosen among the
 * new ones is asked as at an enrolment.
 * @param known paths of the actions that the plan had: their keys from the outside in, across plans within the plan, by dots
 */
export function beside(proposed: Proposed, known: ReadonlySet<string>): Proposed {
  const contained = new Map(proposed.contained)
  const kept = (actions: RequestGroupAction[] | undefined, prefix: string, isChosen = false): RequestGroupAction[] =>
    (actions ?? []).flatMap((action) => {
      const path = prefix + keyOf(action)
      const isNew = !known.has(path)
      if (isNew && isChosen) return []
      const below = kept(action.action, prefix, !isNew && CHOSEN_BEFORE.has(action.selectionBehavior ?? ''))
      const inner = contained.get(action.resource?.reference?.replace(/^#/, '') ?? '')
      const isPlan = inner?.resourceType === 'RequestGroup'
      const within = isPlan ? kept((inner as Resource & RequestGroup).action, `${path}.`) : []
      if (isPlan) contained.set(String(inner.id), { ...inner, action: within })
      const leads = isNew ? action.resource !== undefined && (!isPlan || within.length > 0) : within.length > 0
      const isWords = isNew && !action.resource && !action.action
      return leads || below.length > 0 || isWords ? [{ ...action, ...(action.action ? { action: below } : {}) }] : []
    })
  return { ...proposed, contained, group: { ...proposed.group, action: kept(proposed.group.action, '') } }
}

/** The paths of the actions of a part that are new. */
export function pathsBeside({ group, contained }: Proposed, known: ReadonlySet<string>): Set<string> {
  const paths = new Set<string>()
  const walk = (actions: RequestGroupAction[] | undefined, prefix: string): void => {
    for (const action of actions ?? []) {
      const path = prefix + keyOf(action)
      if (!known.has(path)) paths.add(path)
      walk(action.action, prefix)
      const inner = contained.get(action.resource?.reference?.replace(/^#/, '') ?? '')
      if (inner?.resourceType === 'RequestGroup') walk((inner as Resource & RequestGroup).action, `${path}.`)
    }
  }
  walk(group.action, '')
  return paths
}
