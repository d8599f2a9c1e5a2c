import type { Communication, Task } from '@medplum/fhirtypes'
import { ACCESS_OPENING, BREAK_GLASS, OPEN_RESTRICTED } from './vocabulary.ts'

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
  /** Who reviews it: the unit of the person. */
  reviewer?: string | undefined
}

const TITLE = {
  [BREAK_GLASS]: 'Gjennomgå: journal åpnet uten behandlingsrelasjon',
  [OPEN_RESTRICTED]: 'Gjennomgå: sperrede opplysninger åpnet',
}
const NEWS = {
  [BREAK_GLASS]: 'En helsearbeider har åpnet journalen din uten å være en del av teamet ditt. Det blir gjennomgått.',
  [OPEN_RESTRICTED]: 'En helsearbeider har åpnet opplysninger som du har sperret. Det blir gjennomgått.',
}

/**
 * The Task by which a record is open to one person for a time, and by which that is reviewed afterwards. It is the opening itself:
 * whoever takes it back (`cancelled`, `rejected`) ends it.
 */
export function openingTask({ code, patient, who, basis, reason, from, until, reviewer }: Opening): Task {
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    priority: 'urgent',
    code: { coding: [{ system: ACCESS_OPENING, code }], text: TITLE[code] },
    for: { reference: `Patient/${patient}` },
    requester: { reference: who },
    authoredOn: from.toISOString(),
    ...(reviewer ? { owner: { reference: reviewer } } : {}),
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
