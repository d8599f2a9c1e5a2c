import type { Communication, Reference } from '@medplum/fhirtypes'
import { type MessageSubject, toCategory } from '../../fhir/message-subject.ts'
import type { OwnRecord } from '../record/record.ts'

const PROFILE = 'http://fylgje.no/fhir/StructureDefinition/patient-message'

/** To whom: the teams of the plans. */
const recipientsOf = ({ carePlans }: Pick<OwnRecord, 'carePlans'>): NonNullable<Communication['recipient']> => {
  const teams = carePlans.flatMap(({ careTeam = [] }) => careTeam)
  return teams.filter(({ reference }, i) => teams.findIndex((one) => one.reference === reference) === i)
}

/** Whether there is somebody who would read it. */
export const hasRecipient = (record: Pick<OwnRecord, 'carePlans'>): boolean => recipientsOf(record).length > 0

/** What somebody writes to the team. @property subject undefined: a plain message */
export type Written = { by: Reference; text: string; at: Date; subject?: MessageSubject }

export const toMessage = (
  record: Pick<OwnRecord, 'carePlans' | 'patient'>,
  { by, text, at, subject }: Written,
): Communication => ({
  resourceType: 'Communication',
  meta: { profile: [PROFILE] },
  status: 'completed',
  ...(subject && { category: toCategory(subject) }),
  subject: { reference: `Patient/${record.patient.id}` },
  sender: by as Communication['sender'],
  recipient: recipientsOf(record),
  sent: at.toISOString(),
  payload: [{ contentString: text }],
})
