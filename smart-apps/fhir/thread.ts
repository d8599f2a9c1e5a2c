import type { Communication, CommunicationPayload, Identifier } from '@medplum/fhirtypes'
import { type MessageSubject, subjectOf } from './message-subject.ts'

export type StoredMessage = Communication & { id: string }

/** One message between the patient and the team; calls have a place of their own. */
export type Message = {
  id: string
  text: string
  /** What it is about; undefined of a plain message. */
  subject?: MessageSubject
  at: Date
  from: 'patient' | 'team'
  by?: string
  /** When whoever it was for had it before their eyes. */
  readAt?: Date
  stored: StoredMessage
}

/** Oldest first, as they were said. @param patient id */
export function toThread(communications: readonly StoredMessage[], patient: string): Message[] {
  return communications
    .filter((one) => !isCall(one) && one.status === 'completed' && wordsOf(one) !== '')
    .map((one): Message => {
      const at = new Date(one.sent ?? one.meta?.lastUpdated ?? 0)
      const subject = subjectOf(one)
      return {
        ...{ id: one.id, text: wordsOf(one), at, stored: one },
        from: isOfPatient(one, patient) ? 'patient' : 'team',
        ...(subject ? { subject } : {}),
        ...(one.sender?.display ? { by: one.sender.display } : {}),
        ...(one.received ? { readAt: new Date(one.received) } : {}),
      }
    })
    .sort((one, other) => one.at.getTime() - other.at.getTime())
}

export const isCall = ({ medium }: Communication): boolean =>
  medium?.some(({ coding }) => coding?.some(({ code }) => code === 'PHONE')) ?? false
const isOfPatient = ({ sender }: Communication, patient: string): boolean =>
  sender?.reference === `Patient/${patient}` || (sender?.reference?.startsWith('RelatedPerson/') ?? false)
/** What is written in it. */
export const wordsOf = ({ payload }: Communication): string =>
  (payload ?? []).flatMap(({ contentString }) => contentString ?? []).join('\n')

/** A picture of a message, by the name that it was given before it was stored. */
export const picturePart = (identifier: Identifier): CommunicationPayload => ({
  contentReference: { type: 'Media', identifier },
})

/** What separates values and their parts in a search is part of this one. https://hl7.org/fhir/R4/search.html#escaping */
const escaped = (value: string): string => value.replace(/[\\,$|]/g, '\\$&')

/** Of the pictures in it, as a search has them: `system|value`. */
export const pictureNamesOf = ({ payload = [] }: Communication): string[] =>
  payload.flatMap(({ contentReference }) => {
    const { type, identifier } = contentReference ?? {}
    return type === 'Media' && identifier?.value
      ? [`${escaped(identifier.system ?? '')}|${escaped(identifier.value)}`]
      : []
  })

/** What the patient has written and nobody of the team has read. */
export const unreadOf = (thread: readonly Message[]): Message[] =>
  thread.filter(({ from, readAt }) => from === 'patient' && readAt === undefined)

/** The same, read at that moment; the patient sees that somebody has. */
export const asRead = ({ stored }: Message, now: Date): StoredMessage => ({ ...stored, received: now.toISOString() })
