import type { CommunicationRequest, Identifier, Task } from '@medplum/fhirtypes'
import { ENGINE } from '../plan/vocabulary.ts'
import { type Told, toldAs } from '../words/told.ts'

/** http://hl7.org/fhir/R4/valueset-communication-category.html */
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/communication-category'

/** What somebody is to be told. Without a `recipient` it is for whoever sends it to find one. */
export type Message = {
  id: string
  /** Names what is told of, so that it is not told twice. */
  identifier: Identifier
  category: 'instruction' | 'notification' | 'reminder'
  priority: CommunicationRequest['priority']
  /** The patient: their own reference, or as a Task names them. */
  subject: Task['for']
  recipient: Task['owner']
  /** Of which resource it speaks, as `Type/id`. */
  about: string
  told: Told
  authoredOn: Date
}

/**
 * Asks whoever can reach people to tell them something: sending is another's work.
 * @see https://hl7.org/fhir/R4/communicationrequest.html
 */
export function toCommunicationRequest(message: Message): CommunicationRequest {
  const { id, identifier, category, priority, subject, recipient, about, told, authoredOn } = message
  return {
    resourceType: 'CommunicationRequest',
    id,
    identifier: [identifier],
    status: 'active',
    category: [{ coding: [{ system: CATEGORY, code: category }] }],
    ...(priority ? { priority } : {}),
    // Task.for may be any type, here it is the patient; a Task's owner may be whoever a message can be for.
    subject: subject as CommunicationRequest['subject'],
    about: [{ reference: about }],
    payload: [toldAs('contentString', told)],
    authoredOn: authoredOn.toISOString(),
    requester: { reference: ENGINE },
    ...(recipient ? { recipient: [recipient as NonNullable<CommunicationRequest['recipient']>[number]] } : {}),
  }
}
