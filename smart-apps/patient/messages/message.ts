import type { Communication, Reference } from '@medplum/fhirtypes'
import type { OwnRecord } from '../record/record.ts'

const PROFILE = 'http://fylgje.no/fhir/StructureDefinition/patient-message'

/** To whom: the teams of the plans. */
export const recipientsOf = ({ carePlans }: Pick<OwnRecord, 'carePlans'>): Communication['recipient'] => {
  const teams = carePlans.flatMap(({ careTeam = [] }) => careTeam)
  return teams.filter(({ reference }, i) => teams.findIndex((one) => one.reference === reference) === i)
}

export const toMessage = (record: OwnRecord, by: Reference, text: string, at: Date): Communication => ({
  resourceType: 'Communication',
  meta: { profile: [PROFILE] },
  status: 'completed',
  subject: { reference: `Patient/${record.patient.id}` },
  sender: by as Communication['sender'],
  recipient: recipientsOf(record),
  sent: at.toISOString(),
  payload: [{ contentString: text }],
})
