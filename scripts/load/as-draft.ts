import { isDeepStrictEqual } from 'node:util'
import type { Loaded } from './read-resources.ts'

/** A plan that is in force elsewhere, as the draft that it is here until somebody here has approved it. */
export const asDraft = (resource: Loaded): Loaded =>
  resource.resourceType === 'PlanDefinition' && resource.status === 'active'
    ? { ...resource, status: 'draft' }
    : resource

/** What was loaded as a draft has come into force here since, as it was: loading it again is nothing new. */
export function isInForceSince(stored: Loaded, wanted: Loaded): boolean {
  const isDraft = wanted.resourceType === 'PlanDefinition' && wanted.status === 'draft'
  return isDraft && stored.status !== 'draft' && isDeepStrictEqual(withoutActs(stored), withoutActs(wanted))
}

/** But for what the acts write: status, dates, the share of a staged start; and for what the server writes of its own. */
function withoutActs(plan: Loaded): object {
  const { meta: _meta, status: _status, date: _date, approvalDate: _approval, extension, ...rest } = plan
  const others = ((extension ?? []) as { url?: string }[]).filter(({ url }) => !url?.endsWith('/staged-start'))
  return others.length > 0 ? { ...rest, extension: others } : rest
}
