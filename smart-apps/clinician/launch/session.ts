import { forget, keep, kept } from './kept.ts'

/** Who is signed in, at which server, for which patient, and what they may do. */
export type Session = {
  /** The FHIR base. */
  iss: string
  tokenEndpoint: string
  clientId: string
  accessToken: string
  /** Milliseconds since 1970. */
  expiresAt: number
  refreshToken?: string
  /** As it was granted, which may be less than was asked for. */
  scope: string
  /** id of the patient of the launch; undefined for a worklist. */
  patient?: string
  encounter?: string
  /** `Practitioner/7` */
  fhirUser?: string
  /** Whether we show who the patient is; false when the EHR does. */
  needPatientBanner: boolean
  /** What the EHR asked for: `worklist`, `plan`. */
  intent?: string
  /** Signed in with one click, which is possible in a demo only. */
  isDemo: boolean
}

/** How a session stands: over, it must be renewed by a person, and what they have typed is still there. */
export type SessionState = { session: Session; isOver: boolean }

const KEY = 'fylgje.session'

export type SessionKeeper = {
  current(): SessionState | undefined
  begin(session: Session): void
  /** The server takes the token no longer, nor the refresh token. */
  end(): void
  leave(): void
  subscribe(listener: () => void): () => void
}

/** One session a window: two windows have two, for two patients. It survives a reload, not the closing of the window. */
export function keepSession(): SessionKeeper {
  const stored = kept<Session>(KEY)
  let state: SessionState | undefined = stored && { session: stored, isOver: false }
  const listeners = new Set<() => void>()
  const become = (next: SessionState | undefined) => {
    state = next
    if (next) keep(KEY, next.session)
    else forget(KEY)
    for (const listener of listeners) listener()
  }
  return {
    current: () => state,
    begin: (session) => become({ session, isOver: false }),
    end: () => void (state && !state.isOver && become({ ...state, isOver: true })),
    leave: () => become(undefined),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
