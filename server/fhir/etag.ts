import { refuse } from './outcome.ts'

/** The ETag of a version: weak, as FHIR asks, since the same version may be sent in more than one format. */
export const etag = (versionId: number): string => `W/"${versionId}"`

/** An ETag of ours, weak or strong; its group is the version. */
export const ETAG = /^(?:W\/)?"([^"]*)"$/

/** The version number of an If-Match header. @throws Refusal for what is no ETag of ours */
export function parseIfMatch(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined) return undefined
  const versionId = ETAG.exec(ifMatch.trim())?.[1]
  if (versionId === undefined || !/^\d{1,9}$/.test(versionId)) {
    throw refuse('invalid', `If-Match must be the ETag of one version, such as W/"3", not ${ifMatch}.`)
  }
  return Number(versionId)
}
