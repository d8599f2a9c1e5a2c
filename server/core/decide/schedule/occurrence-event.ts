import type { Basic } from '@medplum/fhirtypes'
import { toNamedEvent } from '../plan/named-event.ts'
import { FYLGJE } from '../plan/vocabulary.ts'
import type { AskedFor } from './asked-for.ts'

/** On the Basic of such an event: when the occurrence that it is about is due, or the extra result was made. */
const EVENT_DUE = `${FYLGJE}/StructureDefinition/event-due`

/** What a plan's `named-event` trigger can listen to. `extra`: a result that nobody had asked for at that time. */
const KINDS = ['reminder', 'due', 'grace', 'missing', 'extra'] as const
export type OccurrenceEventKind = (typeof KINDS)[number]
const nameOf = (kind: OccurrenceEventKind) => `occurrence-${kind}`
export const occurrenceKindOf = (name: string | undefined) => KINDS.find((kind) => nameOf(kind) === name)

/** @param at of the occurrence's due time, or of the extra result */
export function toOccurrenceEvent(
  { about, name, carePlan }: Pick<AskedFor, 'about' | 'name' | 'carePlan'>,
  event: { kind: OccurrenceEventKind; at: Date; about?: string; subject: string; now: Date },
): Basic {
  const key = [about, name, event.kind, event.at.toISOString()].filter(Boolean).join('|')
  const basic = toNamedEvent({
    name: nameOf(event.kind),
    subject: event.subject,
    at: event.now.toISOString(),
    about: event.about ?? about,
    ...(carePlan ? { carePlan: `CarePlan/${carePlan.id}` } : {}),
    key,
  })
  return {
    ...basic,
    extension: [...(basic.extension ?? []), { url: EVENT_DUE, valueDateTime: event.at.toISOString() }],
  }
}
