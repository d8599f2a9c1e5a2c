import type { CarePlan, Composition, CompositionSection, Goal, Observation, Task } from '@medplum/fhirtypes'
import { COLOUR_WORDS, colourIn } from '../decide/coded-words.ts'
import { toOsloDateTime } from '../decide/oslo-time.ts'
import { FYLGJE } from '../decide/vocabulary.ts'
import { inWords } from '../decide/words.ts'
import { type MeasureSummary, summariseMeasurements } from './measurement-summary.ts'

/** Composition.identifier of a final summary: the CarePlan, so that one enrolment has one. */
export const CLOSING = `${FYLGJE}/NamingSystem/closing`

export type SummaryFacts = {
  carePlan: CarePlan
  /** Title of the plan that it followed, with its version. */
  plan: string
  goals: Goal[]
  observations: Observation[]
  /** All Tasks of the enrolment, as they stand after its end. */
  tasks: Task[]
  /** How many times the rules of the plan were looked at. */
  decisionCount: number
  now: Date
}

/** References in one section: a document with thousands of entries is read by nobody; the narrative counts them all. */
const ENTRY_COUNT_MAX = 100

/**
 * What an enrolment was: why it ended, what was measured, which work it made and what came of it. `Composition/[id]/$document` makes it a
 * document that can be sent.
 * @see https://hl7.org/fhir/R4/composition.html
 */
export function finalSummary(facts: SummaryFacts): Composition {
  const { carePlan, plan, now } = facts
  const { start, end = now.toISOString() } = carePlan.period ?? {}
  return {
    resourceType: 'Composition',
    identifier: { system: CLOSING, value: `CarePlan/${carePlan.id}` },
    status: 'final',
    language: 'nb',
    type: {
      coding: [{ system: 'http://loinc.org', code: '18842-5', display: 'Discharge summary' }],
      text: 'Sluttrapport',
    },
    subject: carePlan.subject,
    date: now.toISOString(),
    author: [authorOf(carePlan)],
    title: `Sluttrapport: ${plan}`,
    event: [{ period: { ...(start ? { start } : {}), end }, detail: [{ reference: `CarePlan/${carePlan.id}` }] }],
    section: [planSection(facts), measurementSection(facts), taskSection(facts), goalSection(facts)],
  }
}

/** R4 does not let a team be an author; who agreed the plan is, or this server. */
function authorOf({ author }: CarePlan): Composition['author'][number] {
  const type = author?.reference?.split('/')[0] ?? ''
  const allowed = ['Practitioner', 'PractitionerRole', 'Organization', 'Patient', 'RelatedPerson', 'Device']
  return author && allowed.includes(type)
    ? (author as Composition['author'][number])
    : { identifier: { system: `${FYLGJE}/NamingSystem/device`, value: 'plan-keeper' }, display: 'Fylgje' }
}

function planSection({ carePlan, plan, decisionCount }: SummaryFacts): CompositionSection {
  const { period, status } = carePlan
  const rows = [
    ['Plan', plan],
    ['Fra', period?.start ? dayOf(period.start) : 'ukjent'],
    ['Til', period?.end ? dayOf(period.end) : 'ukjent'],
    ['Avsluttet som', STATUS_WORD[status] ?? status],
    ['Vurderinger', String(decisionCount)],
  ]
  return section('Oppfølgingen', table(['', ''], rows), [`CarePlan/${carePlan.id}`])
}

const STATUS_WORD: { [status: string]: string } = {
  completed: 'fullført',
  revoked: 'stanset',
  'entered-in-error': 'ført ved en feil',
}

function measurementSection({ observations }: SummaryFacts): CompositionSection {
  const lines = summariseMeasurements(observations)
  if (lines.length === 0) return section('Målinger', paragraph('Ingenting ble målt.'), [])
  const header = ['Måling', 'Antall', 'Første', 'Siste', 'Lavest', 'Høyest', 'Snitt']
  const newest = observations.slice(-ENTRY_COUNT_MAX).map(({ id }) => `Observation/${id}`)
  return section('Målinger', table(header, lines.map(measureRow)), newest)
}

const measureRow = ({ measure, unit, count, first, last, min, max, mean }: MeasureSummary): string[] => [
  `${measure}${unit ? ` (${unit})` : ''}`,
  String(count),
  `${inWords(first.value)}, ${dayOf(first.at)}`,
  `${inWords(last.value)}, ${dayOf(last.at)}`,
  ...[min, max, mean].map(inWords),
]

function taskSection({ tasks }: SummaryFacts): CompositionSection {
  if (tasks.length === 0) return section('Oppgaver', paragraph('Det ble ikke laget noen oppgaver.'), [])
  const groups = Map.groupBy(tasks, (task) => `${colourOf(task)} · ${OUTCOME_WORD[task.status] ?? 'åpen'}`)
  const rows = [...groups].map(([name, some]) => [name, String(some.length), some.map(reasonOf).slice(-3).join('; ')])
  const entries = tasks.slice(-ENTRY_COUNT_MAX).map(({ id }) => `Task/${id}`)
  return section('Oppgaver', table(['Oppgave', 'Antall', 'De siste'], rows), entries)
}

const colourOf = ({ businessStatus }: Task): string => {
  const colour = colourIn(businessStatus)
  return colour ? COLOUR_WORDS[colour].nb : 'Uten farge'
}
const OUTCOME_WORD: { [status: string]: string } = {
  completed: 'fullført',
  cancelled: 'avbrutt',
  rejected: 'avvist',
  failed: 'mislyktes',
  'entered-in-error': 'ført ved en feil',
}
const reasonOf = ({ reasonCode, description }: Task): string => reasonCode?.text ?? description ?? ''

function goalSection({ goals }: SummaryFacts): CompositionSection {
  if (goals.length === 0) return section('Mål og grenser', paragraph('Planens egne grenser gjaldt.'), [])
  const rows = goals.map(({ description, lifecycleStatus, achievementStatus }) => [
    description?.text ?? description?.coding?.[0]?.display ?? 'Mål',
    lifecycleStatus ?? '',
    achievementStatus?.text ?? achievementStatus?.coding?.[0]?.display ?? achievementStatus?.coding?.[0]?.code ?? '',
  ])
  return section(
    'Mål og grenser',
    table(['Mål', 'Status', 'Oppnådd'], rows),
    goals.map(({ id }) => `Goal/${id}`),
  )
}

function section(title: string, html: string, references: string[]): CompositionSection {
  return {
    title,
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${html}</div>` },
    ...(references.length > 0 ? { entry: references.map((reference) => ({ reference })) } : {}),
  }
}

const table = (header: string[], rows: string[][]): string =>
  `<table>${header.some(Boolean) ? `<thead><tr>${header.map((cell) => `<th>${escapeHtml(cell)}</th>`).join('')}</tr></thead>` : ''}<tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`
const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`
const escapeHtml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

/** A date as Norwegians write it; half a date as it stands. */
function dayOf(text: string): string {
  const at = new Date(text)
  if (!text.includes('T') || Number.isNaN(at.getTime())) return text.split('-').reverse().join('.')
  return toOsloDateTime(at).slice(0, 10).split('-').reverse().join('.')
}
