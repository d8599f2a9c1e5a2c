import { refuse } from './outcome.ts'

/** The ETag of a version: weak, as FHIR asks, since the same version may be sent in more than one format. */
export const etag = (versionId: number): string => `W/"${versionId}"`

/** An ETag of ours, weak or strong; its group is the version. */
const ETAG = /^(?:W\/)?"([^"]*)"$/

/** Whether an If-None-Match, a list of ETags or `*` for any, names this version. https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 */
export function namesVersion(ifNoneMatch: string, versionId: number): boolean {
  const named = ifNoneMatch.split(',').map((one) => one.trim())
  return named.some((one) => one === '*' || ETAG.exec(one)?.[1] === String(versionId))
}

/** The version number of an If-Match header. @throws Refusal for what is no ETag of ours */
export function parseIfMatch(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined) return undefined
  const versionId = ETAG.exec(ifMatch.trim())?.[1]
  if (versionId === undefined || !/^\d{1,9}$/.test(versionId)) {
    throw refuse('invalid', `If-Match must be the ETag of one version, such as W/"3", not ${ifMatch}.`)
  }
  return Number(versionId)
}
