import { namesVersion } from '../core/fhir/etag.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { ConditionalHeaders } from '../exchange.ts'
import type { Version } from '../store/store.ts'

/** Whether the caller has this version already. If-None-Match counts before If-Modified-Since, as RFC 9110 §13.2.2 says. */
export function isUnchanged({ ifNoneMatch, ifModifiedSince }: ConditionalHeaders, version: Version): boolean {
  if (ifNoneMatch !== undefined) return namesVersion(ifNoneMatch, version.versionId)
  if (ifModifiedSince === undefined) return false
  const since = Date.parse(ifModifiedSince)
  // An HTTP date has whole seconds.
  return !Number.isNaN(since) && Math.floor(Date.parse(version.lastUpdated) / 1000) * 1000 <= since
}

/** @throws Refusal 412 when the caller means another version than this one */
export function mustBeAt({ type, id, versionId }: Version, ifMatch: number | undefined): void {
  if (ifMatch === undefined || ifMatch === versionId) return
  throw conflict(`${type}/${id} is at version ${versionId}, not ${ifMatch}.`)
}

/** The criteria match nothing, and the caller says that there is something. */
export const noneToMatch = (type: string, ifMatch: number): Refusal =>
  conflict(`No ${type} matches the criteria, so none can be at version ${ifMatch}.`)

const conflict = (diagnostics: string) => new Refusal([{ severity: 'error', code: 'conflict', diagnostics }], 412)
