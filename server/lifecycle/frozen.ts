import { type Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'

/**
 * What a version that is, or was, in force may become: exactly what it is, or retired. Whoever is followed by it shall be followed
 * tomorrow by what was approved. Labels in `meta` are not part of it.
 * @param before as it is stored
 * @param after  as it would be; undefined for a deletion
 * @param why    what keeps it: «is active», or the plan that names it
 * @param mayReturn whether a retired one may be active again, as it was: a system that keeps the plans may say so, a person activates
 * @returns the refusal, which names the first element that differs
 */
export function whyFrozen(
  before: Resource,
  after: Resource | undefined,
  why: string,
  { mayReturn = false }: { mayReturn?: boolean } = {},
): Refusal | undefined {
  const { resourceType } = before
  const name = `${resourceType}/${before.id}, version ${before.version ?? '(none)'},`
  if (!after) {
    // What was in force and is no longer may go: who is still followed by it keeps it, from history.
    if (before.status !== 'active') return undefined
    return refuse('business-rule', `${name} ${why} and cannot be deleted; set its status to retired.`, resourceType)
  }
  const changed = changedElements(before, after)
  const isRetired = before.status === 'active' && after.status === 'retired'
  const isBack = mayReturn && before.status === 'retired' && after.status === 'active'
  const forbidden =
    isRetired || isBack ? changed.filter((element) => element !== 'status' && element !== 'date') : changed
  const [first] = forbidden
  if (first === undefined) return undefined
  return refuse(
    'business-rule',
    `${name} ${why}, so its ${first} does not change; ${nextStep(resourceType)} Only its status may become retired.`,
    `${resourceType}.${first}`,
  )
}

const nextStep = (type: string): string =>
  type === 'PlanDefinition'
    ? 'POST PlanDefinition/[id]/$draft makes the next version.'
    : 'POST PlanDefinition/[id]/$draft with this definition as `with` makes the next version of both.'

/** Elements that are not the same, but for what the server itself says of a resource. */
export function changedElements(before: Resource, after: Resource): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names]
    .filter((name) => name !== 'meta' && name !== 'id')
    .filter((name) => sortedJson(before[name]) !== sortedJson(after[name]))
}

/** JSON whose members stand in one order, so that two that mean the same are the same text. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  )
}
