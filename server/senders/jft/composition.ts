import type { Composition, CompositionEvent, CompositionSection } from '@medplum/fhirtypes'
import { toHtml } from '../../to-html.ts'
import { type Addressed, type ClosedAlert, type FreeNote, reasonsOf } from './closed-alert.ts'
import {
  ALERTS,
  type AlertKind,
  CATEGORY,
  DOCUMENT_TYPE,
  EVENT_SYSTEM,
  EVENTS,
  PROFILE,
  SECTION_SYSTEM,
  SECTIONS,
} from './code-tables.ts'

/** The first entry of the document of a closed alert. @param issue urn of the DetectedIssue */
export function toComposition(alert: ClosedAlert, kind: AlertKind, issue: string): Composition {
  const { task, evidence } = alert
  const happened = reasonsOf(alert)
  const followed = [task.statusReason?.text, ...(task.note ?? []).map(({ text }) => text)]
  const comments = evidence.flatMap((one) => (one.resourceType === 'Observation' ? (one.note ?? []) : []))
  return {
    ...compositionOf(alert, ALERTS[kind].display, alert.closedAt),
    event: eventsOf(alert),
    section: [
      { ...sectionOf(kind === 'summary' ? 'together' : 'event', happened), entry: [{ reference: issue }] },
      ...said('followUp', followed),
      ...comments.flatMap(({ text }) => said('comment', [text])),
    ],
  }
}

/** The only entry of the document of a note. */
export function toNoteComposition(written: FreeNote): Composition {
  const { note } = written
  const at = note.sent ?? note.meta?.lastUpdated ?? ''
  return {
    ...compositionOf(written, 'Notat', at),
    event: [eventOf('reported', at)],
    section: said('note', note.payload?.map(({ contentString }) => contentString) ?? []),
  }
}

const compositionOf = ({ patient, author }: Addressed, title: string, date: string) => ({
  resourceType: 'Composition' as const,
  meta: { profile: [PROFILE.composition] },
  status: 'final' as const,
  type: { coding: [{ ...DOCUMENT_TYPE }] },
  category: [{ coding: [{ ...CATEGORY }] }],
  subject: { identifier: patient },
  date,
  author: [author],
  title,
})

/** Reported, handled, acknowledged, in that order whatever the clocks of those who wrote them said. */
function eventsOf({ task, begunAt, closedAt }: ClosedAlert): CompositionEvent[] {
  const reported = earlier(task.authoredOn ?? closedAt, closedAt)
  const handled = earlier(later(begunAt ?? closedAt, reported), closedAt)
  return [eventOf('reported', reported), eventOf('handled', handled), eventOf('acknowledged', closedAt)]
}

const earlier = (one: string, other: string) => (Date.parse(one) <= Date.parse(other) ? one : other)
const later = (one: string, other: string) => (Date.parse(one) >= Date.parse(other) ? one : other)

const eventOf = (name: keyof typeof EVENTS, at: string): CompositionEvent => ({
  code: [{ coding: [{ system: EVENT_SYSTEM, ...EVENTS[name] }] }],
  period: { start: at },
})

/** A section, where there is something to be said in it. */
function said(name: keyof typeof SECTIONS, texts: (string | undefined)[]): CompositionSection[] {
  const spoken = texts.filter((text) => text !== undefined && text.trim() !== '') as string[]
  return spoken.length > 0 ? [sectionOf(name, spoken)] : []
}

function sectionOf(name: keyof typeof SECTIONS, texts: string[]): CompositionSection {
  const spoken = texts.filter((text) => text.trim() !== '')
  const paragraphs = spoken.length > 0 ? spoken : [SECTIONS[name].display]
  const div = paragraphs.map((text) => `<p>${toHtml(text)}</p>`).join('')
  return {
    code: { coding: [{ system: SECTION_SYSTEM, ...SECTIONS[name] }] },
    // As the guide has it; its samples say generated.
    text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${div}</div>` },
  }
}
