import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Session } from '../launch/session.ts'
import type { Preferences } from './frame/preferences.ts'
import type { Me, RecordState } from './me.ts'
import type { Sending } from './sending/outbox.ts'

export type Signed = {
  me: Me
  session: Session
  preferences: Preferences
  onPreferences: (preferences: Preferences) => void
}

export const MeContext = createContext<Signed | undefined>(undefined)

/** Who is signed in. Every screen is shown to somebody who is. */
export function useSigned(): Signed {
  const found = useContext(MeContext)
  if (!found) throw new Error('Nobody is signed in here.')
  return found
}

export const useMe = (): Me => useSigned().me

export function useSending(): Sending {
  const { outbox } = useMe()
  return useSyncExternalStore(outbox.subscribe, outbox.current)
}

export function useRecord(): RecordState {
  const { records } = useMe()
  return useSyncExternalStore(records.subscribe, records.current)
}
