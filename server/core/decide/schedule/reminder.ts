import type { CommunicationRequest } from '@medplum/fhirtypes'
import { toCommunicationRequest } from '../message/message.ts'
import { FINDING } from '../plan/vocabulary.ts'
import type { Language } from '../words/language.ts'
import { momentInWords } from '../words/moment-in-words.ts'
import { tell } from '../words/told.ts'
import type { AskedFor } from './asked-for.ts'
import type { ScheduleMoment } from './occurrences.ts'

type Phrase = (title: string, due: string) => string

const BEFORE: Record<Language, Phrase> = {
  nb: (title, due) => `Husk: ${title}, ${due}.`,
  nn: (title, due) => `Hugs: ${title}, ${due}.`,
  en: (title, due) => `Remember: ${title}, ${due}.`,
}

const IN_GRACE: Record<Language, Phrase> = {
  nb: (title, due) => `${title} skulle vært gjort ${due}. Det er fortsatt tid.`,
  nn: (title, due) => `${title} skulle vore gjort ${due}. Det er framleis tid.`,
  en: (title, due) => `${title} was to be done ${due}. There is still time.`,
}

/** Reminds the person before it is due, and once more while there still is time. */
export function toReminder(
  { about, name, title }: AskedFor,
  { kind, at, occurrence }: ScheduleMoment,
  { id, subject, now }: { id: string; subject: string; now: Date },
): CommunicationRequest {
  const phrases = kind === 'grace' ? IN_GRACE : BEFORE
  const message = toCommunicationRequest({
    id,
    identifier: { system: FINDING, value: [about, name, kind, at.toISOString()].filter(Boolean).join('|') },
    category: 'reminder',
    priority: 'routine',
    subject: { reference: subject },
    recipient: { reference: subject },
    about,
    told: tell((language) => phrases[language](title, momentInWords(occurrence.dueAt, language))),
    authoredOn: now,
  })
  return { ...message, basedOn: [{ reference: about }], occurrenceDateTime: occurrence.dueAt.toISOString() }
}
