import type { CarePlan, CompositionSection, Goal, Observation, Task } from '@medplum/fhirtypes'
import { toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { COLOUR_WORDS, colourIn } from '../core/decide/words/coded-words.ts'
import { LANGUAGES, type Language } from '../core/decide/words/language.ts'
import { reasonIn, type Told, toldAs } from '../core/decide/words/told.ts'
import { translated } from '../core/decide/words/translated.ts'
import { quantityInWords } from '../core/decide/words/words.ts'
import { type MeasureSummary, summariseMeasurements } from './measurement-summary.ts'
import { OUTCOME_WORDS, STATUS_WORDS, SUMMARY_WORDS as WORDS } from './summary-words.ts'

// What documents about a followed patient are made of: each part is told in every language that people read here.

/** References in one section: a document with thousands of entries is read by nobody; the narrative counts them all. */
const ENTRY_COUNT_MAX = 100

/** @param decisionCount how many times its rules were looked at; left out where whoever asks may not know */
export function planSection({
  carePlan,
  plan,
  decisionCount,
}: {
  carePlan: CarePlan
  plan: string
  decisionCount?: number
}): CompositionSection {
  const { period, status } = carePlan
  const rows = (language: Language) => [
    [WORDS.plan[language], plan],
    [WORDS.from[language], period?.start ? dayOf(period.start) : WORDS.unknown[language]],
    ...(period?.end ? [[WORDS.to[language], dayOf(period.end)]] : []),
    [
      (status === 'active' || status === 'on-hold' ? WORDS.stands : WORDS.endedAs)[language],
      STATUS_WORDS[status]?.[language] ?? status,
    ],
    ...(decisionCount === undefined ? [] : [[WORDS.decisions[language], String(decisionCount)]]),
  ]
  return section(WORDS.followed, (language) => table([], rows(language)), [`CarePlan/${carePlan.id}`])
}

export function measurementSection(observations: Observation[]): CompositionSection {
  const lines = summariseMeasurements(observations)
  if (lines.length === 0) return section(WORDS.measurements, said(WORDS.nothingMeasured), [])
  const newest = observations.slice(-ENTRY_COUNT_MAX).map(({ id }) => `Observation/${id}`)
  const html = (language: Language) =>
    table(
      WORDS.measureHeader.map((word) => word[language]),
      lines.map((line) => measureRow(line, language)),
    )
  return section(WORDS.measurements, html, newest)
}

function measureRow(
  { measure, unit, count, first, last, min, max, mean }: MeasureSummary,
  language: Language,
): string[] {
  const number = (value: number) => quantityInWords(value, '', language)
  return [
    `${measure}${unit ? ` (${unit})` : ''}`,
    String(count),
    `${number(first.value)}, ${dayOf(first.at)}`,
    `${number(last.value)}, ${dayOf(last.at)}`,
    ...[min, max, mean].map(number),
  ]
}

export function taskSection(tasks: Task[]): CompositionSection {
  if (tasks.length === 0) return section(WORDS.tasks, said(WORDS.noTasks), [])
  const groups = Map.groupBy(tasks, ({ businessStatus, status }) => `${colourIn(businessStatus)} ${status}`)
  const html = (language: Language) =>
    table(
      WORDS.taskHeader.map((word) => word[language]),
      [...groups.values()].map((some) => taskRow(some, language)),
    )
  const entries = tasks.slice(-ENTRY_COUNT_MAX).map(({ id }) => `Task/${id}`)
  return section(WORDS.tasks, html, entries)
}

/** @param tasks of one colour and one outcome */
function taskRow(tasks: Task[], language: Language): string[] {
  const [{ businessStatus, status } = {} as Task] = tasks
  const colour = colourIn(businessStatus)
  const outcome = (OUTCOME_WORDS[status] ?? WORDS.open)[language]
  const reasons = tasks.map((task) => reasonIn(task)[language] || (translated(task, 'description', language) ?? ''))
  return [
    `${colour ? COLOUR_WORDS[colour][language] : WORDS.colourless[language]} · ${outcome}`,
    String(tasks.length),
    reasons.slice(-3).join('; '),
  ]
}

export function goalSection(goals: Goal[]): CompositionSection {
  if (goals.length === 0) return section(WORDS.goals, said(WORDS.ownLimits), [])
  const html = (language: Language) =>
    table(
      WORDS.goalHeader.map((word) => word[language]),
      goals.map(({ description = {}, lifecycleStatus, achievementStatus }) => [
        translated(description, 'text', language) ?? description.coding?.[0]?.display ?? WORDS.goal[language],
        lifecycleStatus ?? '',
        achievementStatus?.text ??
          achievementStatus?.coding?.[0]?.display ??
          achievementStatus?.coding?.[0]?.code ??
          '',
      ]),
    )
  return section(
    WORDS.goals,
    html,
    goals.map(({ id }) => `Goal/${id}`),
  )
}

/** The same in each language, one below the other: a document has one text, and whoever reads it reads one of them. */
export function section(title: Told, html: (language: Language) => string, references: string[]): CompositionSection {
  const texts = LANGUAGES.map((language) => `<div lang="${language}" xml:lang="${language}">${html(language)}</div>`)
  return {
    ...toldAs('title', title),
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${texts.join('')}</div>` },
    ...(references.length > 0 ? { entry: references.map((reference) => ({ reference })) } : {}),
  }
}

export const said = (told: Told) => (language: Language) => `<p>${escapeHtml(told[language])}</p>`

export const table = (header: string[], rows: string[][]): string =>
  `<table>${header.length > 0 ? `<thead><tr>${header.map((cell) => `<th>${escapeHtml(cell)}</th>`).join('')}</tr></thead>` : ''}<tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`
const escapeHtml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

/** A date as Norwegians write it; half a date as it stands. */
export function dayOf(text: string): string {
  const at = new Date(text)
  if (!text.includes('T') || Number.isNaN(at.getTime())) return text.split('-').reverse().join('.')
  return toOsloDateTime(at).slice(0, 10).split('-').reverse().join('.')
}
