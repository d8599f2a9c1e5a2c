import type { CarePlan, Observation, Task } from '@medplum/fhirtypes'
import type { Card, Indicator } from '../cds-hooks/cards.ts'
import { COLOURS, type Colour } from '../core/decide/plan/vocabulary.ts'
import { COLOUR_WORDS, colourIn, TASK_WORDS } from '../core/decide/words/coded-words.ts'
import type { Language } from '../core/decide/words/language.ts'
import { momentInWords } from '../core/decide/words/moment-in-words.ts'
import { reasonIn, type Told } from '../core/decide/words/told.ts'
import { translated } from '../core/decide/words/translated.ts'
import { observationInWords } from '../core/decide/words/words.ts'

/** What is known here of the patient whose chart was opened, as far as whoever opened it may see it. */
export type FollowUp = {
  /** Enrolments that run or rest. */
  carePlans: CarePlan[]
  /** What waits for somebody who treats, in any order. */
  tasks: Task[]
  latest?: Observation | undefined
}

export type CardFrame = {
  language: Language
  newId: () => string
  /** Where our app is launched by SMART App Launch. */
  launchUrl: string
  baseUrl: string
}

/** More are counted, not told one by one: a card is read in a glance. */
const TOLD_COUNT_MAX = 5

/**
 * How somebody is followed at home, in one card. None where they are not: the card shall never be what a clinician learns to click away.
 */
export function homeMonitoringCard(
  followUp: FollowUp,
  { language, newId, launchUrl, baseUrl }: CardFrame,
): Card | undefined {
  const { carePlans, latest } = followUp
  const tasks = [...followUp.tasks].sort(byColour)
  if (carePlans.length === 0 && tasks.length === 0) return undefined
  const lines = [
    ...tasks.slice(0, TOLD_COUNT_MAX).map((task) => taskLine(task, language)),
    ...(tasks.length > TOLD_COUNT_MAX ? [`- ${MORE[language](tasks.length - TOLD_COUNT_MAX)}`] : []),
    ...carePlans.map((carePlan) => `- ${planLine(carePlan, language)}`),
    ...(latest ? [`- ${LATEST[language]}: ${latestLine(latest, language)}`] : []),
  ]
  return {
    uuid: newId(),
    summary: [`${TITLE[language]}: ${counted(tasks, language)}`, ...seen(latest, language)].join(', '),
    detail: lines.join('\n'),
    indicator: INDICATOR[worstOf(tasks)],
    source: { label: 'Fylgje', url: baseUrl },
    links: [{ label: OPEN[language], url: launchUrl, type: 'smart' }],
  }
}

/** `1 rød og 2 gule oppgaver`; `ingen åpne oppgaver` */
function counted(tasks: Task[], language: Language): string {
  if (tasks.length === 0) return NONE[language]
  const parts = COLOURS.flatMap((colour) => {
    const count = tasks.filter((task) => colourOf(task) === colour).length
    return count > 0 ? [`${count} ${(count === 1 ? COLOUR_WORDS[colour] : MANY[colour])[language].toLowerCase()}`] : []
  })
  const last = parts.pop() ?? ''
  const list = parts.length > 0 ? `${parts.join(', ')} ${AND[language]} ${last}` : last
  return `${list} ${(tasks.length === 1 ? TASK : TASKS)[language]}`
}

const seen = (latest: Observation | undefined, language: Language): string[] => {
  const at = momentOf(latest)
  return at ? [`${LATEST[language].toLowerCase()} ${momentInWords(at, language)}`] : []
}

function taskLine(task: Task, language: Language): string {
  const coded = task.code?.coding?.flatMap(({ code }) => TASK_WORDS[code as keyof typeof TASK_WORDS] ?? [])[0]
  const said = reasonIn(task)[language] || translated(task, 'description', language) || coded?.[language] || ''
  const end = task.restriction?.period?.end
  const deadline = end ? ` (${DEADLINE[language]} ${momentInWords(new Date(end), language)})` : ''
  return `- **${COLOUR_WORDS[colourOf(task)][language]}**: ${plain(said)}${deadline}`
}

const planLine = (carePlan: CarePlan, language: Language): string => {
  const title = plain(translated(carePlan, 'title', language) ?? TITLE[language])
  return carePlan.status === 'on-hold' ? `${title} (${RESTS[language]})` : title
}

function latestLine(latest: Observation, language: Language): string {
  const at = momentOf(latest)
  const words = plain(observationInWords(latest)[language])
  return at ? `${words}, ${momentInWords(at, language)}` : words
}

const momentOf = (observation: Observation | undefined): Date | undefined => {
  const said = observation?.effectiveDateTime ?? observation?.effectivePeriod?.start ?? observation?.issued
  return said ? new Date(said) : undefined
}

/** What the colour of a Task without one is goes by how urgent it is. */
const BY_PRIORITY: Readonly<Record<string, Colour>> = { stat: 'red', asap: 'red', urgent: 'yellow' }
const colourOf = (task: Task): Colour => colourIn(task.businessStatus) ?? BY_PRIORITY[task.priority ?? ''] ?? 'grey'
const worstOf = (tasks: Task[]): Colour =>
  COLOURS.find((colour) => tasks.some((task) => colourOf(task) === colour)) ?? 'green'
const INDICATOR: Readonly<Record<Colour, Indicator>> = {
  red: 'critical',
  yellow: 'warning',
  grey: 'info',
  green: 'info',
}

const byColour = (one: Task, other: Task): number =>
  COLOURS.indexOf(colourOf(one)) - COLOURS.indexOf(colourOf(other)) ||
  (one.authoredOn ?? '').localeCompare(other.authoredOn ?? '')

/** The detail is Markdown: what somebody wrote must neither break the list nor be taken for a link or an image. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_{}[\]<>#|!]/g, (one) => `\\${one}`)

const TITLE: Told = { nb: 'Hjemmeoppfølging', nn: 'Heimeoppfølging', en: 'Home monitoring' }
const NONE: Told = { nb: 'ingen åpne oppgaver', nn: 'ingen opne oppgåver', en: 'no open tasks' }
const TASK: Told = { nb: 'oppgave', nn: 'oppgåve', en: 'task' }
const TASKS: Told = { nb: 'oppgaver', nn: 'oppgåver', en: 'tasks' }
const AND: Told = { nb: 'og', nn: 'og', en: 'and' }
const LATEST: Told = { nb: 'Siste måling', nn: 'Siste måling', en: 'Latest measurement' }
const DEADLINE: Told = { nb: 'frist', nn: 'frist', en: 'deadline' }
const RESTS: Told = { nb: 'på pause', nn: 'på pause', en: 'paused' }
const OPEN: Told = { nb: 'Åpne hjemmeoppfølging', nn: 'Opne heimeoppfølging', en: 'Open home monitoring' }
const MORE: Readonly<Record<Language, (count: number) => string>> = {
  nb: (count) => `og ${count} til`,
  nn: (count) => `og ${count} til`,
  en: (count) => `and ${count} more`,
}
const MANY: Readonly<Record<Colour, Told>> = {
  red: { nb: 'røde', nn: 'raude', en: 'red' },
  yellow: { nb: 'gule', nn: 'gule', en: 'yellow' },
  grey: { nb: 'grå', nn: 'grå', en: 'grey' },
  green: { nb: 'grønne', nn: 'grøne', en: 'green' },
}
