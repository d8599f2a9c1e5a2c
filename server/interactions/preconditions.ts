import type { Definitions } from '../definitions/definitions.ts'
import type { ConditionalHeaders } from '../exchange.ts'
import { refuse } from '../fhir/outcome.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import type { Version } from '../store/store.ts'

const ETAG = /^(?:W\/)?"([^"]*)"$/

/** The version number of an If-Match header. @throws Refusal for what is no ETag of ours */
export function parseIfMatch(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined) return undefined
  const versionId = ETAG.exec(ifMatch.trim())?.[1]
  if (versionId === undefined || !/^\d{1,9}$/.test(versionId)) {
    throw refuse('invalid', `If-Match must be the ETag of one version, such as W/"3", not ${ifMatch}.`)
  }
  return Number(versionId)
}

/** Whether the caller has this version already. If-None-Match counts before If-Modified-Since, as RFC 9110 §13.2.2 says. */
export function isUnchanged({ ifNoneMatch, ifModifiedSince }: ConditionalHeaders, version: Version): boolean {
  if (ifNoneMatch !== undefined) {
    const known = ifNoneMatch.split(',').map((etag) => etag.trim())
    return known.some((etag) => etag === '*' || ETAG.exec(etag)?.[1] === String(version.versionId))
  }
  if (ifModifiedSince === undefined) return false
  const since = Date.parse(ifModifiedSince)
  // An HTTP date has whole seconds.
  return !Number.isNaN(since) && Math.floor(Date.parse(version.lastUpdated) / 1000) * 1000 <= since
}

/** The criteria of If-None-Exist, with or without `?` before them. They must all be understood: else the wrong one is found. */
export function parseIfNoneExist(definitions: Definitions, type: string, ifNoneExist: string): SearchQuery {
  const criteria = new URLSearchParams(ifNoneExist.replace(/^.*\?/, ''))
  if (criteria.size === 0) {
    throw refuse('invalid', 'If-None-Exist holds no search criteria; expected such as identifier=system|value.')
  }
  return parseSearch(definitions, type, criteria, 'strict')
}
