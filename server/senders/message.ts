import type { SendingReason } from '../core/decide/words/sending-reason.ts'
import type { SqlFragment } from '../db/sql.ts'

/** A message to one receiver about one patient. */
export type Message = {
  id: string
  receiver: string
  organization: string
  /** id */
  patient: string
  /** The version that caused it: `Task/1/_history/5`. */
  cause: string
  /** Who wrote that version: `Practitioner/kari`. */
  actor: string
  causedAt: Date
  /** When it was put down, or sent anew by somebody. */
  queuedAt: Date
  attempts: number
  location?: string
  acceptedAt?: Date
}

/** What the receiver said to a message. */
export type Answer =
  | { kind: 'accepted'; location: string }
  /** It will never take this one. */
  | { kind: 'refused'; reason: SendingReason }
  /** It may take it another time. @param afterSeconds when it says when */
  | { kind: 'again'; reason: SendingReason; afterSeconds?: number }

/** How far the receiver is with what it has accepted. */
export type Progress =
  | { kind: 'journaled' }
  | { kind: 'under-way' }
  | { kind: 'failed'; reason: SendingReason }
  | { kind: 'unknown'; reason: SendingReason }

/** What is to be sent, worked out from what the receiver may see now. */
export type Prepared =
  | { kind: 'ready'; body: string; types: string[] }
  /** The receiver may not see it; by a code that says nothing of what it is. @property until when it is tried again, once */
  | { kind: 'withheld'; reason: SendingReason; until?: Date }

/** One national service, for one organisation. All are alike. */
export type Receiver = {
  name: string
  organization: string
  /** Bytes that a body may have. */
  bytesMax: number
  /** How long an answer is waited for. */
  timeoutSeconds: number
  /** How long one sending may take, where that is more than one answer: so long nobody else takes its messages. */
  sendingSecondsMax?: number
  /** Where messages go, as the audit has it. */
  address: string
  /** Which types of the change feed it is told of. */
  follows: readonly string[]
  /** That an event is of one of these, where an index of the feed has nothing else; without it the whole feed is read. */
  followsOnly?: SqlFragment
  /** How many messages about one patient may go in one call, in their order. */
  togetherMax: number
  /** Whether a version is one that this receiver is told of. @param after undefined where it is a deletion */
  isCause(before: object | undefined, after: object | undefined, actor: string, organizationReference: string): boolean
  /** Whose a version was before, where what was told of it is to be taken back from them. @returns id of a patient */
  formerPatient?(before: object | undefined): string | undefined
  /**
   * Reads what messages about one patient that go together have in common.
   * @returns works out one of them @throws Refusal, as that does, for what can never be sent as it is
   */
  open(messages: readonly Message[]): Promise<(message: Message) => Promise<Prepared>>
  /** Has what it takes to send, such as a token. @throws what the network said; nothing was sent then */
  ready(): Promise<void>
  /** @param bodies of messages about one patient @returns an answer for each, in their order */
  send(bodies: readonly string[]): Promise<Answer[]>
  /** Without it nothing more is known of what was accepted. */
  progress?(location: string): Promise<Progress>
}
