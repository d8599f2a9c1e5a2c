import type { Access, Part } from '../access/access.ts'
import { reachOf } from '../access/reach.ts'

// Whether a search leaves something out without saying so. It follows from who asks alone, never from what is there: it tells nobody that there is something.

/** Search parameters of a granular scope, or of a rule, keep a part of the type from the caller. */
export const isNarrowedByScope = (access: Access, type: string): boolean =>
  isNarrowed(access, type, ({ filters }) => filters.length > 0)

/** So do labels that the caller's roles do not see. */
export const isNarrowedAtAll = (access: Access, type: string): boolean =>
  isNarrowed(access, type, ({ filters, hiddenLabels }) => filters.length + hiddenLabels.length > 0)

/** Parts add up: one of them that reaches patients without such a limit is enough. */
function isNarrowed(access: Access, type: string, isLimited: (part: Part) => boolean): boolean {
  const reach = reachOf(access, type, 's')
  return (
    reach.kind === 'parts' &&
    reach.parts.filter(({ whose }) => whose.kind !== 'unattached').every((part) => isLimited(part))
  )
}
