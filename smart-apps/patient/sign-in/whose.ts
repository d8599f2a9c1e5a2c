import type { Reference } from '@medplum/fhirtypes'
import type { Session } from '../../launch/session.ts'
import type { Entry } from '../sending/entry.ts'

type Who = Pick<Session, 'iss' | 'patient' | 'fhirUser'>
/** What lies on the phone and tells of somebody. */
export type Kept = { session?: Who | undefined; patient?: string | undefined; entries: readonly Entry[] }

/**
 * Whether what lies here is another person's than who has signed in. The session tells it best; where that is gone, the record does, and
 * then what was made here. An id means something at one server only. Next of kin is another person than the patient: what one of them made
 * is not sent as the other's.
 */
export function isSomebodyElses({ session, patient, entries }: Kept, next: Who): boolean {
  if (session?.patient !== undefined)
    return session.patient !== next.patient || session.iss !== next.iss || session.fhirUser !== next.fhirUser
  if (patient !== undefined) return patient !== next.patient
  return entries.some(({ resource }) => resource.subject?.reference !== `Patient/${next.patient}`)
}

/** Whether whoever has signed in is somebody near the patient. */
export const isKin = ({ fhirUser }: Pick<Session, 'fhirUser'>): boolean =>
  fhirUser?.startsWith('RelatedPerson/') ?? false

/** Who stands behind what is made here: the patient, or who helps them. */
export const madeBy = ({ fhirUser, userName, patient }: Session): Reference =>
  fhirUser?.startsWith('RelatedPerson/')
    ? { reference: fhirUser, ...(userName && { display: userName }) }
    : { reference: `Patient/${patient}` }

export const isUnsent = ({ state }: Entry): boolean => state === 'waiting'

/** Whether the address asks for a sign-in although somebody is signed in: it comes back from one, or an EHR opens the app for somebody. */
export function asksForSignIn(query: URLSearchParams, session: Who): boolean {
  if (query.has('state')) return true
  const iss = query.get('iss')
  return iss !== null && (query.has('launch') || iss.replace(/\/+$/, '') !== session.iss)
}
