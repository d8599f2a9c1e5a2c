import type { Resource } from '../../fhir/resource.ts'
import type { Changed } from '../limits/limits-changed.ts'

/** What came to be in a play, by somebody or by a decision: as an event of the feed, with the versions themselves. */
export type Change = Changed & {
  type: string
  id: string
  interaction: 'create' | 'update' | 'delete'
  /** How many decisions led to it. */
  depth: number
  /** The server itself tells by it that somebody was given something. */
  tellsAccess?: true
}

/** Without what is undefined. */
export const pick = (changed: { current?: Resource | undefined; previous?: Resource | undefined }): Changed =>
  Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined))
