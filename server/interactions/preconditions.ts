import { namesVersion } from '../core/fhir/etag.ts'
import type { Refusal } from '../core/fhir/outcome.ts'
import type { ConditionalHeaders } from '../exchange.ts'
import { notAsSaid } from '../store/refusals.ts'
import type { Version } from '../store/store.ts'

/** Whether the caller has this version already. If-None-Match counts before If-Modified-Since, as RFC 9110 §13.2.2 says. */
export function isUnchanged({ ifNoneMatch, ifModifiedSince }: ConditionalHeaders, version: Version): boolean {
  if (ifNoneMatch !== undefined) return namesVersion(ifNoneMatch, version.versionId)
  if (ifModifiedSince === undefined) return false
  const since = Date.parse(ifModifiedSince)
  // An HTTP date has whole seconds.
  return !Number.isNaN(since) && Math.floor(Date.parse(version.lastUpdated) / 1000) * 1000 <= since
}

/** The criteria match nothing, and the caller says that there is something. */
export const noneToMatch = (type: string, ifMatch: number): Refusal =>
  notAsSaid(`No ${type} matches the criteria, so none can be at version ${ifMatch}.`)
