import { createContext, useContext } from 'react'
import type { FhirClient } from '../fhir/client.ts'
import type { Session } from '../launch/session.ts'
import { mayDo, type Permission } from './launch/scopes.ts'
import type { Live } from './live/live.ts'

export type SignedIn = { session: Session; fhir: FhirClient; live: Live; leave: () => void }

/** Told to the window before somebody signs out: what waits to be sent is sent. */
export const LEAVING = 'fylgje-leaving'

export const SessionContext = createContext<SignedIn | undefined>(undefined)

/** Who is signed in, and the server. Every screen is shown to somebody who is. */
export function useSession(): SignedIn {
  const found = useContext(SessionContext)
  if (!found) throw new Error('Nobody is signed in here.')
  return found
}

export const useFhir = (): FhirClient => useSession().fhir

/** Whether to offer something at all; the server has the last word. `may('Task', 'u')` */
export function useMay(): (type: string, permission: Permission) => boolean {
  const { session } = useSession()
  return (type, permission) => mayDo(session.scope, type, permission)
}
