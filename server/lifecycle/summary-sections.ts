import type { CarePlan, CompositionSection, Goal, Observation, Task } from '@medplum/fhirtypes'
import { COLOUR_WORDS, colourIn } from '../core/decide/words/coded-words.ts'
import type { Language } from '../core/decide/words/language.ts'
import { reasonIn } from '../core/decide/words/told.ts'
import { translated } from '../core/decide/words/translated.ts'
import { quantityInWords } from '../core/decide/words/words.ts'
import { type MeasureSummary, summariseMeasurements } from './measurement-summary.ts'
import { dayOf, said, section, table } from './narrative-section.ts'
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
  return section(WORDS.followed, table([], rows), [`CarePlan/${carePlan.id}`])
}

export function measurementSection(observations: Observation[]): CompositionSection {
  const lines = summariseMeasurements(observations)
  if (lines.length === 0) return section(WORDS.measurements, said(WORDS.nothingMeasured))
  const newest = observations.slice(-ENTRY_COUNT_MAX).map(({ id }) => `Observation/${id}`)
  const rows = (language: Language) => lines.map((line) => measureRow(line, language))
  return section(WORDS.measurements, table(WORDS.measureHeader, rows), newest)
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
  if (tasks.length === 0) return section(WORDS.tasks, said(WORDS.noTasks))
  const groups = Map.groupBy(tasks, ({ businessStatus, status }) => `${colourIn(businessStatus)} ${status}`)
  const rows = (language: Language) => [...groups.values()].map((some) => taskRow(some, language))
  const entries = tasks.slice(-ENTRY_COUNT_MAX).map(({ id }) => `Task/${id}`)
  return section(WORDS.tasks, table(WORDS.taskHeader, rows), entries)
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
  if (goals.length === 0) return section(WORDS.goals, said(WORDS.ownLimits))
  const rows = (language: Language) =>
    goals.map(({ description = {}, lifecycleStatus, achievementStatus }) => [
      translated(description, 'text', language) ?? description.coding?.[0]?.display ?? WORDS.goal[language],
      lifecycleStatus ?? '',
      achievementStatus?.text ?? achievementStatus?.coding?.[0]?.display ?? achievementStatus?.coding?.[0]?.code ?? '',
    ])
  return section(
    WORDS.goals,
    table(WORDS.goalHeader, rows),
    goals.map(({ id }) => `Goal/${id}`),
  )
}
