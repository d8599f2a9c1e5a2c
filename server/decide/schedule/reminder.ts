import type { CommunicationRequest } from '@medplum/fhirtypes'
import { toOsloDateTime } from '../oslo-time.ts'
import { FINDING } from '../vocabulary.ts'
import type { AskedFor } from './asked-for.ts'
import type { ScheduleMoment } from './occurrences.ts'

/** http://hl7.org/fhir/R4/valueset-communication-category.html */
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/communication-category'

/** Asks whoever can reach the person to remind them; sending is another's work. */
export function toReminder(
  { about, name, title }: AskedFor,
  { kind, at, occurrence }: ScheduleMoment,
  { id, subject, now }: { id: string; subject: string; now: Date },
): CommunicationRequest {
  const due = toOsloDateTime(occurrence.dueAt)
  const [date, time] = [due.slice(0, 10), due.slice(11, 16)]
  const contentString =
    kind === 'grace'
      ? `${title} skulle vært gjort ${date} kl. ${time}. Det er fortsatt tid.`
      : `Husk: ${title}, ${date} kl. ${time}.`
  return {
    resourceType: 'CommunicationRequest',
    id,
    identifier: [{ system: FINDING, value: [about, name, kind, at.toISOString()].filter(Boolean).join('|') }],
    basedOn: [{ reference: about }],
    status: 'active',
    category: [{ coding: [{ system: CATEGORY, code: 'reminder' }] }],
    priority: 'routine',
    subject: { reference: subject },
    about: [{ reference: about }],
    payload: [{ contentString }],
    occurrenceDateTime: occurrence.dueAt.toISOString(),
    authoredOn: now.toISOString(),
    recipient: [{ reference: subject }],
  }
}
