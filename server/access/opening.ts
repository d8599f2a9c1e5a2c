import type { Communication, Task } from '@medplum/fhirtypes'
import { ACCESS_OPENING, ACCESS_ROLE, BREAK_GLASS, OPEN_RESTRICTED } from './vocabulary.ts'

export type Opening = {
  code: typeof BREAK_GLASS | typeof OPEN_RESTRICTED
  /** id */
  patient: string
  /** `Practitioner/kari` */
  who: string
  /** On what ground: a code of the operation. */
  basis: string
  reason: string
  from: Date
  until: Date
  /** In whose queue the review is: the unit of the person, or else the organisation that keeps the patient's record. */
  queue?: string | undefined
}

const TITLE = {
  [BREAK_GLASS]: 'Gjennomgå: journal åpnet uten behandlingsrelasjon',
  [OPEN_RESTRICTED]: 'Gjennomgå: sperrede opplysninger åpnet',
}
const NEWS = {
  [BREAK_GLASS]: 'En helsearbeider har åpnet journalen din uten å være en del av teamet ditt. Det blir gjennomgått.',
  [OPEN_RESTRICTED]: 'En helsearbeider har åpnet opplysninger som du har sperret. Det blir gjennomgått.',
}

/** Who may see and review every opening, whoever the patient is: the rule `admin-reviews` of the policy. */
const REVIEWER = { coding: [{ system: ACCESS_ROLE, code: 'administrator' }] }

/**
 * The Task by which a record is open to one person for a time, and by which that is reviewed afterwards. It is the opening itself:
 * whoever takes it back (`cancelled`, `rejected`) ends it. It is never nobody's: the role that reviews is named in any case, beside
 * the queue where one is known.
 */
export function openingTask({ code, patient, who, basis, reason, from, until, queue }: Opening): Task {
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    priority: 'urgent',
    code: { coding: [{ system: ACCESS_OPENING, code }], text: TITLE[code] },
    for: { reference: `Patient/${patient}` },
    requester: { reference: who },
    authoredOn: from.toISOString(),
    ...(queue ? { owner: { reference: queue } } : {}),
    performerType: [REVIEWER],
    reasonCode: { text: reason },
    input: [{ type: { text: 'basis' }, valueCode: basis }],
    restriction: { period: { start: from.toISOString(), end: until.toISOString() } },
  }
}

/** What the patient is told, without any health information: that it happened, and that somebody looks at it. */
export const openingNews = ({ code, patient, from }: Opening): Communication => ({
  resourceType: 'Communication',
  status: 'completed',
  category: [{ coding: [{ system: ACCESS_OPENING, code }] }],
  subject: { reference: `Patient/${patient}` },
  recipient: [{ reference: `Patient/${patient}` }],
  sent: from.toISOString(),
  payload: [{ contentString: NEWS[code] }],
})
