import type { Identifier, Patient, Reference, Resource } from '@medplum/fhirtypes'
import type { JournalResource, LaboratoryAnswer } from '../../exchange.ts'
import { nationalSystem } from '../../national-numbers/system-names.ts'
import { D_NUMBER, FH_NUMBER, FNR } from '../../national-numbers/systems.ts'

/** One family: whoever is given a fødselsnummer had often a D-number or an FH-number before it. */
const OF_PERSONS: ReadonlySet<string> = new Set([FNR, D_NUMBER, FH_NUMBER])

/** A Patient of an answer, with the address at which it stands there. */
export type Placed = { patient: Patient; fullUrl?: string | undefined }

/** Every national number of a person that is known, those that are no longer used too: an EHR may know them by any. */
export const numbersOf = ({ identifier = [] }: Pick<Patient, 'identifier'>): ReadonlySet<string> =>
  new Set(identifier.filter(isOfPersons).map(numberIn))

/**
 * Whether what an EHR has given says by number that it is somebody else's: a service that answers the same to every question, as the hub's test
 * environment does, must not put one patient's medicines beside another's name. Both the identifier and whom the reference leads to are asked, and each
 * may say so. What names nobody by number is taken for what was asked for.
 * @param numbers all of the patient's
 * @param patients that came in the same answer, which a reference may lead to
 */
export function isOfAnother(
  one: JournalResource | LaboratoryAnswer,
  numbers: ReadonlySet<string>,
  patients: readonly Placed[],
): boolean {
  const whose: Reference | undefined = one.resourceType === 'AllergyIntolerance' ? one.patient : one.subject
  const named = whose?.identifier ? [whose.identifier] : []
  const led = ledTo(whose?.reference ?? '', one.contained ?? [], patients)
  return [named, ...led.map(({ identifier = [] }) => identifier)].some((said) => isOther(said, numbers))
}

/** None of the numbers that say who it is, where there are any, is the patient's. A number of the EHR’s own says nothing. */
function isOther(said: readonly Identifier[], numbers: ReadonlySet<string>): boolean {
  const telling = said.filter((one) => numberIn(one) !== '' && (!one.system || isOfPersons(one)))
  return telling.length > 0 && !telling.some((one) => numbers.has(numberIn(one)))
}

const isOfPersons = ({ system = '' }: Identifier): boolean =>
  OF_PERSONS.has(nationalSystem(/^\d+(\.\d+)+$/.test(system) ? `urn:oid:${system}` : system))
const numberIn = ({ value = '' }: Identifier): string => value.replace(/\s/g, '')

/** https://hl7.org/fhir/R4/bundle.html#references: by fullUrl; by type and id where no address is the same. */
function ledTo(reference: string, contained: readonly Resource[], patients: readonly Placed[]): Partial<Patient>[] {
  if (reference === '') return []
  if (reference.startsWith('#'))
    return contained.filter((one): one is Patient => one.resourceType === 'Patient' && `#${one.id}` === reference)
  const [unversioned = ''] = reference.split('/_history/')
  const there = patients.filter(({ fullUrl }) => fullUrl === unversioned)
  const [, id] = /(?:^|\/)Patient\/([^/]+)$/.exec(unversioned) ?? []
  const found = there.length > 0 || id === undefined ? there : patients.filter(({ patient }) => patient.id === id)
  return found.map(({ patient }) => patient)
}
