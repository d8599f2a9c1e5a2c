import { degreesOf } from '../../access/address/protection.ts'
import { patientsIn } from '../../audit/patients-in.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { aboutToken, tokenHash } from '../../search/token-hash.ts'
import type { ProtectedAddressRow } from './relation-row.ts'

/**
 * What a resource says of addresses that must not be told. Of a Patient it counts for all that is about them, such as the relatives
 * who live there too; a Person is the same human being as the Patients whom it links to. Of all others it counts for themselves.
 */
export function protectedAddresses(resource: Resource, baseUrl: string): ProtectedAddressRow[] {
  const { resourceType: type, id } = resource
  return degreesOf(resource).flatMap((degree) => {
    const own = type === 'Patient' ? [] : [{ degree, patient: null, compartment: null }]
    const isHuman = type === 'Patient' || type === 'Person'
    const patients = isHuman ? patientsIn({ type, id: String(id), text: linksOf(resource) }, baseUrl) : []
    return [...own, ...patients.map((patient) => ({ degree, patient, compartment: tokenHash(aboutToken(patient)) }))]
  })
}

const linksOf = ({ resourceType, link }: Resource): string =>
  resourceType === 'Person' ? JSON.stringify(link ?? []) : ''
