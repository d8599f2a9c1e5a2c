import type { Coding } from '@medplum/fhirtypes'
import { DELAYED_RELEASE_SYSTEM, NEXT_OF_KIN, RELEASE_AT, THE_PATIENT } from '../../access/vocabulary.ts'
import { patientsIn } from '../../audit/patients-in.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { aboutToken, tokenHash } from '../../search/token-hash.ts'
import { momentOf } from './period.ts'
import { OF_LABELS, type RestrictionRow } from './relation-row.ts'

/**
 * What keeps one resource from its patient and their family for a time: a label of Volven 9603 in its `meta.security`, with the
 * extension `release-at` where it ends by itself. Of a type without one patient of its own (Appointment, Account) it is kept from
 * every patient whom it names. Who the patient is, is never kept from them.
 */
export function delayedRelease(resource: Resource, baseUrl: string): RestrictionRow[] {
  const labels = labelsOf(resource)
  const { resourceType: type, id } = resource
  if (labels.length === 0 || type === 'Patient') return []
  const patients = patientsIn({ type, id: String(id), text: JSON.stringify(resource) }, baseUrl)
  return patients.flatMap((patient) =>
    labels.map((label, rule) => ({
      ...{ rule: OF_LABELS + rule, exception: false, patient, compartment: tokenHash(aboutToken(patient)) },
      whom: [THE_PATIENT, NEXT_OF_KIN],
      from_at: '-infinity',
      to_at: releaseOf(label),
      ...{ types: null, codes: null, labels: null, low: null, high: null },
      data: [`${type}/${id}`],
    })),
  )
}

function labelsOf({ meta }: Resource): Coding[] {
  const { security = [] } = (meta ?? {}) as { security?: Coding[] }
  return security.filter(({ system }) => system === DELAYED_RELEASE_SYSTEM)
}

/** When each of its labels ends: ISO 8601, or `infinity`. */
export const releasesOf = (resource: Resource): string[] => labelsOf(resource).map(releaseOf)

function releaseOf({ extension = [] }: Coding): string {
  const value = extension.find(({ url }) => url === RELEASE_AT)?.valueDateTime
  return value === undefined ? 'infinity' : momentOf(value, 'start')
}
