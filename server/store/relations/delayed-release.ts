import type { Coding } from '@medplum/fhirtypes'
import { DELAYED_RELEASE_SYSTEM, NEXT_OF_KIN, RELEASE_AT, THE_PATIENT } from '../../access/vocabulary.ts'
import type { Resource } from '../../fhir/resource.ts'
import { parseLiteralReference } from '../../search/extract-reference.ts'
import { aboutToken, tokenHash } from '../../search/token-hash.ts'
import { momentOf } from './period.ts'
import type { RestrictionRow } from './relation-row.ts'

/** The elements in which a type names the patient that it is about. */
const ABOUT = ['subject', 'patient', 'for', 'beneficiary', 'individual'] as const

/**
 * What keeps one resource from its patient and their family for a time: a label of Volven 9603 in its `meta.security`, with the
 * extension `release-at` where it ends by itself.
 */
export function delayedRelease(resource: Resource, baseUrl: string): RestrictionRow[] {
  const security = (resource.meta as { security?: Coding[] } | undefined)?.security ?? []
  const labels = security.filter(({ system }) => system === DELAYED_RELEASE_SYSTEM)
  if (labels.length === 0) return []
  const patient = patientOf(resource, baseUrl)
  if (patient === undefined) return []
  return labels.map((label, rule) => ({
    ...{ rule: 1000 + rule, exception: false, patient, compartment: tokenHash(aboutToken(patient)) },
    whom: [THE_PATIENT, NEXT_OF_KIN],
    from_at: '-infinity',
    to_at: releaseOf(label),
    ...{ types: null, codes: null, labels: null, low: null, high: null },
    data: [`${resource.resourceType}/${resource.id}`],
  }))
}

function releaseOf({ extension = [] }: Coding): string {
  const value = extension.find(({ url }) => url === RELEASE_AT)?.valueDateTime
  return value === undefined ? 'infinity' : momentOf(value, 'start')
}

function patientOf(resource: Resource, baseUrl: string): string | undefined {
  for (const name of ABOUT) {
    const reference = (resource[name] as { reference?: unknown } | undefined)?.reference
    const literal = typeof reference === 'string' ? parseLiteralReference(reference, baseUrl) : undefined
    if (literal?.type === 'Patient') return literal.id
  }
  return undefined
}
