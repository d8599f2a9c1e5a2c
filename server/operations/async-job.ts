import { outcomeInforming } from '../core/fhir/outcome.ts'
import type { Reply } from '../exchange.ts'

// Work that the caller does not wait for. https://hl7.org/fhir/R4/async.html

/** Whether the caller asks for that: `Prefer: respond-async`, perhaps among other preferences. */
export const wantsAsync = (prefer: string | undefined): boolean =>
  /(?:^|[\s,;])respond-async(?:$|[\s,;])/.test(prefer ?? '')

/** 202 with the place where the caller can see how far it is. @param path of the job, below the FHIR base */
export const accepted = (path: string): Reply => ({
  status: 202,
  text: JSON.stringify(outcomeInforming(`See ${path} for how far it is.`)),
  contentLocation: path,
})

/** What a status says while the work goes on: `accepted`, with how far it is and when to ask again. */
export const inProgress = (path: string, progress: string, retrySeconds: number): Reply => ({
  ...accepted(path),
  headers: { 'X-Progress': progress, 'Retry-After': String(retrySeconds) },
})

/** The status of a job that is done: the manifest, which is JSON and no resource. */
export const done = (manifest: object, expiresAt?: Date): Reply => ({
  status: 200,
  text: JSON.stringify(manifest),
  isPlainJson: true,
  headers: expiresAt ? { Expires: expiresAt.toUTCString() } : {},
})

/** The answer to a DELETE of a job. */
export const removed = (diagnostics: string): Reply => ({
  status: 202,
  text: JSON.stringify(outcomeInforming(diagnostics)),
})
