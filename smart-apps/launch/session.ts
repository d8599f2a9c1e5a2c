import { forget, forgetAll, keep, kept } from './kept.ts'
import type { Messaging } from './web-messaging.ts'

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
  /** What was asked for, where APP_ISSUERS says so. */
  askedScope?: string
  /** id of the patient of the launch; undefined for a worklist. */
  patient?: string
  encounter?: string
  /** `Practitioner/7` */
  fhirUser?: string
  /** What whoever has signed in is called, where the server tells. */
  userName?: string
  /** Whether we show who the patient is; false when the EHR does. */
  needPatientBanner: boolean
  /** What the EHR asked for: `worklist`, `plan`. */
  intent?: string
  /** By which we speak with the page of the EHR that has opened us, where it listens. */
  messaging?: Messaging
  /** Signed in with one click, which is possible in a demo only. */
  isDemo: boolean
}

/** Why whoever has signed in again may not go on with the page as it is. Of whom nothing is told may be anybody. */
export function hindranceOf(before: Session, next: Session): 'otherUser' | 'otherPatient' | undefined {
  if (next.fhirUser === undefined || next.fhirUser !== before.fhirUser) return 'otherUser'
  if (next.patient !== undefined && next.patient !== before.patient) return 'otherPatient'
  return undefined
}

/** The context of the launch goes on: it is the same page of the same person. */
export function goingOn({ patient, encounter, intent, messaging, needPatientBanner }: Session, next: Session): Session {
  return {
    ...next,
    needPatientBanner,
    ...(patient && { patient }),
    ...(encounter && { encounter }),
    ...(intent && { intent }),
    ...(messaging && { messaging }),
  }
}

/** How a session stands: over, it must be renewed by a person, and what they have typed is still there. */
export type SessionState = {
  session: Session
  isOver: boolean
  /** It was ended because nobody was there: nothing is shown until somebody has proven anew who they are. */
  isIdle?: boolean
}

const KEY = 'fylgje.session'
/** Its window was left. */
const IDLE = 'fylgje.idle'
/** What somebody has written and not sent yet is kept under keys that begin so, until they leave. */
export const DRAFTS = 'fylgje.draft.'

/** How the windows that have one session in common do not use one refresh token twice, which would end it for all of them. */
export type SharedSession = {
  inTurn<T>(work: () => Promise<T>): Promise<T>
  /** As it is kept by now: another window may have renewed it. */
  newest(): Promise<Session | undefined>
}

export type SessionKeeper = {
  /** Left out where each window has its own. */
  shared?: SharedSession
  current(): SessionState | undefined
  /** Kept when that is done. */
  begin(session: Session): void | Promise<void>
  /** The server takes the token no longer, nor the refresh token. @param isIdle nobody is there, also where it was over already */
  end(isIdle?: boolean): void
  leave(): void
  subscribe(listener: () => void): () => void
}

/** One session a window: two windows have two, for two patients. It survives a reload, not the closing of the window. */
export function keepSession(): SessionKeeper {
  const stored = kept<Session>(KEY)
  // Whoever loads the page anew is nobody whom it has seen.
  const wasIdle = kept<boolean>(IDLE) === true
  let state: SessionState | undefined = stored && { session: stored, isOver: wasIdle, isIdle: wasIdle }
  const listeners = new Set<() => void>()
  const become = (next: SessionState | undefined) => {
    state = next
    if (next) keep(KEY, next.session)
    else forget(KEY)
    if (next?.isIdle) keep(IDLE, true)
    else forget(IDLE)
    for (const listener of listeners) listener()
  }
  return {
    current: () => state,
    begin: (session) => become({ session, isOver: false }),
    end(isIdle = false) {
      if (state && (!state.isOver || (isIdle && !state.isIdle))) become({ ...state, isOver: true, isIdle })
    },
    leave() {
      forgetAll(DRAFTS)
      become(undefined)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
