import type { Session } from '../../launch/session.ts'
import type { Entry } from '../sending/entry.ts'

type Who = Pick<Session, 'iss' | 'patient'>
/** What lies on the phone and tells of somebody. */
export type Kept = { session?: Who | undefined; patient?: string | undefined; entries: readonly Entry[] }

/**
 * Whether what lies here is another person's than who has signed in. The session tells it best; where that is gone, the record does, and
 * then what was made here. An id means something at one server only.
 */
export function isSomebodyElses({ session, patient, entries }: Kept, next: Who): boolean {
  if (session?.patient !== undefined) return session.patient !== next.patient || session.iss !== next.iss
  if (patient !== undefined) return patient !== next.patient
  return entries.some(({ resource }) => resource.subject?.reference !== `Patient/${next.patient}`)
}

export const isUnsent = ({ state }: Entry): boolean => state === 'waiting'

/** Whether the address asks for a sign-in although somebody is signed in: it comes back from one, or an EHR opens the app for somebody. */
export function asksForSignIn(query: URLSearchParams, session: Who): boolean {
  if (query.has('state')) return true
  const iss = query.get('iss')
  return iss !== null && (query.has('launch') || iss.replace(/\/+$/, '') !== session.iss)
}
