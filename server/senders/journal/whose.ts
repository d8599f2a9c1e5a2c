import type { Patient } from '@medplum/fhirtypes'
import type { JournalResource } from '../../exchange.ts'
import { nationalSystem } from '../../national-numbers/system-names.ts'

type Known = { system?: string | undefined; value?: string | undefined }

/**
 * Whether what an EHR has given says by number that it is somebody else's: a service that answers the same to every question, as the hub's test
 * environment does, must not put one patient's medicines beside another's name. What names nobody by number is taken for what was asked for.
 * @param patients that came in the same answer, which a reference may lead to
 */
export function isOfAnother(one: JournalResource, number: Known, patients: readonly Patient[]): boolean {
  const whose = one.resourceType === 'AllergyIntolerance' ? one.patient : one.subject
  if (whose?.identifier?.value) return isOther(whose.identifier, number)
  const reference = whose?.reference ?? ''
  const named = reference === '' ? undefined : patients.find(({ id }) => id && reference.endsWith(`Patient/${id}`))
  const contained = (one.contained ?? []).find(
    ({ id, resourceType }) => resourceType === 'Patient' && reference === `#${id}`,
  )
  const { identifier = [] } = (named ?? contained ?? {}) as Partial<Patient>
  const same = identifier.filter(({ system = '' }) => nationalSystem(system) === number.system)
  return same.length > 0 && same.every((it) => isOther(it, number))
}

/** A number of another kind, such as the EHR’s own, says nothing of the one that was asked for. */
const isOther = ({ system, value }: Known, number: Known): boolean =>
  (system === undefined || nationalSystem(system) === number.system) && value?.trim() !== number.value
