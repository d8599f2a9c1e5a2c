import type { BundleEntry } from '@medplum/fhirtypes'
import { ended, type Grant, type StoredConsent, type StoredKin } from '../../sharing/grants.ts'

/**
 * Whoever has the number that somebody was written with is not let in any more, by anything: they are no next of kin, and what was
 * shared with them is taken back. All of it or nothing, and over the versions that were seen.
 */
export function withoutPerson(kin: StoredKin, grants: readonly Grant[]): BundleEntry[] {
  const reference = `RelatedPerson/${kin.id}`
  const theirs = grants.filter(
    ({ isClosing, actors }) => !isClosing && actors.some((one) => one.reference === reference),
  )
  const consents = new Map<string, StoredConsent>()
  // From the last within: what is taken out moves none that is still looked for.
  for (const grant of [...theirs].sort((one, other) => (other.within ?? -1) - (one.within ?? -1))) {
    const consent = consents.get(grant.consent.id) ?? grant.consent
    consents.set(consent.id, ended({ ...grant, consent, actors: [{ reference }] }))
  }
  return [{ ...kin, active: false }, ...consents.values()].map((resource) => ({
    resource,
    request: {
      ...{ method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
      ...(resource.meta?.versionId && { ifMatch: `W/"${resource.meta.versionId}"` }),
    },
  }))
}
