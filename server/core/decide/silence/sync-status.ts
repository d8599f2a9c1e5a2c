import type { Basic, Extension } from '@medplum/fhirtypes'
import { hasCode } from '../../fhir/codeable-concept.ts'
import type { Resource } from '../../fhir/resource.ts'
import { FYLGJE } from '../plan/vocabulary.ts'
import { madeAt } from '../schedule/made-at.ts'

/** `Basic.code` of what a phone, a hub or a gateway tells of itself: how much of what was measured it has not sent yet. */
export const SYNC_STATUS_CODE = { system: `${FYLGJE}/CodeSystem/basic-kind`, code: 'sync-status' }
/**
 * On that Basic: `last-sync`, when it last sent something; `unsent`, how many results it holds; `oldest-unsent`, when the first of them
 * was measured. One Basic a device, updated in place; `subject` is the patient, `author` may be the Device.
 */
export const SYNC_STATUS = `${FYLGJE}/StructureDefinition/sync-status`

export type SyncStatus = { unsent: number; lastSync?: Date; oldestUnsent?: Date }

/** What a device tells; undefined for a resource that is something else, or does not say how many. */
function syncStatusOf(resource: Resource): SyncStatus | undefined {
  if (resource.resourceType !== 'Basic') return undefined
  const { code, extension = [] } = resource as unknown as Basic
  const { system, code: wanted } = SYNC_STATUS_CODE
  if (!hasCode(code, system, wanted)) return undefined
  const parts = extension.find(({ url }) => url === SYNC_STATUS)?.extension ?? []
  const unsent = parts.find(({ url }) => url === 'unsent')?.valueUnsignedInt
  if (unsent === undefined) return undefined
  const [lastSync, oldestUnsent] = [momentIn(parts, 'last-sync'), momentIn(parts, 'oldest-unsent')]
  return { unsent, ...(lastSync ? { lastSync } : {}), ...(oldestUnsent ? { oldestUnsent } : {}) }
}

function momentIn(parts: Extension[], name: string): Date | undefined {
  const part = parts.find(({ url }) => url === name)
  const at = Date.parse(part?.valueDateTime ?? part?.valueInstant ?? '')
  return Number.isNaN(at) ? undefined : new Date(at)
}

/** What was measured and has not been sent: how many lie on the phone, or one that was announced; since when. */
export type Unsent = { count?: number; since: Date }

/** Statuses of a result of which it is known that it will come. */
const ANNOUNCED: ReadonlySet<unknown> = new Set(['registered', 'preliminary', 'in-progress'])
const RESULT_TYPES = new Set(['Observation', 'QuestionnaireResponse'])

/** A result that somebody has announced and not yet sent as final. */
export const isAnnounced = ({ resourceType, status }: Resource): boolean =>
  RESULT_TYPES.has(resourceType) && ANNOUNCED.has(status)

/** Whether this resource can tell of something that was measured and not sent. */
export const tellsOfUnsent = (resource: Resource): boolean =>
  isAnnounced(resource) || syncStatusOf(resource) !== undefined

/** @returns undefined when everything has been sent */
export function unsentOf(resource: Resource): Unsent | undefined {
  const came = Date.parse(resource.meta?.lastUpdated ?? '')
  if (isAnnounced(resource)) return { since: new Date(Number.isNaN(came) ? madeAt(resource) : came) }
  const status = syncStatusOf(resource)
  if (!status || status.unsent === 0) return undefined
  const { unsent, oldestUnsent, lastSync } = status
  const since = oldestUnsent ?? lastSync ?? (Number.isNaN(came) ? undefined : new Date(came))
  return since && { count: unsent, since }
}
