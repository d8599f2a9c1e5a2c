import type { PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { permits } from '../access/reach.ts'
import type { Rooms } from '../exchange.ts'
import { isNarrowedByScope } from '../operations/narrowed.ts'

/**
 * Whether whoever looks sees all that a plan concludes from. What is closed to them is not there for a plan that is asked in their name, and it
 * would say of somebody who is followed that they are not: of such a record no plan says anything. It follows from that something is closed, which
 * they may know, and never from what that is.
 */
export async function seesWhole(
  { store }: Pick<Rooms, 'store'>,
  access: Access,
  plan: PlanDefinition,
): Promise<boolean> {
  const types = typesAsked(plan.action)
  if (types.some((type) => !permits(access, type, 's') || isNarrowedByScope(access, type))) return false
  return (await store.ties(access, access.patient ? [access.patient] : [])).closedBy.length === 0
}

const typesAsked = (actions: PlanDefinitionAction[] = []): string[] =>
  actions.flatMap(({ input = [], action }) => [...input.flatMap(({ type }) => type ?? []), ...typesAsked(action)])
