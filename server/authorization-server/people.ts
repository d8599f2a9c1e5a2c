import type { Access } from '../access/access.ts'

/** A patient as a person recognises one on a list. */
export type ListedPatient = { id: string; name: string; birthDate?: string }
export type PersonType = 'Patient' | 'Practitioner'
export type PersonIdentifier = { system: string; value: string }
/** Next of kin of one patient: whoever is that of several is one for each. */
export type Kin = { id: string; name: string; patient: ListedPatient }

/** Who is who among the resources. Handed in from above, for this room does not know the store. */
export type People = {
  /** Patients whom this caller may see and whose name fits, at most `countMax`; everybody whom they may see without a text. */
  listPatients: (access: Access, text: string, countMax: number) => Promise<ListedPatient[]>
  /** One patient, if this caller may see them. */
  findPatient: (access: Access, id: string) => Promise<ListedPatient | undefined>
  /** The ids of those with this identifier. Whoever asks must refuse none as well as several. */
  findByIdentifier: (type: PersonType, identifier: PersonIdentifier) => Promise<string[]>
  /**
   * As whose next of kin somebody with this identifier is known, the patient's name first in the alphabet first. Only where the patient is one
   * whom they may see at this moment.
   */
  findKin: (identifier: PersonIdentifier) => Promise<Kin[]>
  /** The roles of a practitioner in an organisation: ids of PractitionerRole. */
  findRoles: (practitionerId: string, organizationNumber: string) => Promise<string[]>
  /** Whether an organisation here has this number, and, where one is given, lies below another of this number. */
  isOrganization: (number: string, withinNumber?: string) => Promise<boolean>
  /** By what name somebody goes; undefined where there is nobody or no name. */
  nameOf: (type: PersonType, id: string) => Promise<string | undefined>
  /** Whether there is such a patient, whoever may see them. */
  isPatient: (id: string) => Promise<boolean>
  /** Whether the encounter is there and is this patient's. */
  isEncounterOf: (encounterId: string, patientId: string) => Promise<boolean>
}
