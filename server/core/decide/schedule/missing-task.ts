import type { Task, TaskInput } from '@medplum/fhirtypes'
import { asOwner } from '../silence/silence-owner.ts'
import { engineTask } from '../task/engine-task.ts'
import { identifierOf } from '../task/finding-task.ts'
import { isOpen } from '../task/task-status.ts'
import { taskInput } from '../words/coded-words.ts'
import type { Language } from '../words/language.ts'
import { DUE, momentInWords } from '../words/moment-in-words.ts'
import { sameInAll, type Told, tell, toldConcept } from '../words/told.ts'
import type { AskedFor, ScheduleProblem } from './asked-for.ts'
import type { AskedOccurrence } from './occurrences.ts'

type Making = { id: string; subject: string; now: Date }

/** What names all Tasks of one silence: the request and its occurrence's name. */
const silenceOf = ({ about, name }: Pick<AskedFor, 'about' | 'name'>, subject: string) =>
  `${about}|occurrence-missing${name ? `.${name}` : ''}|${subject}|`

/** The open Task about what this request misses already. */
export function findMissingTask(tasks: Task[], asked: AskedFor, subject: string): Task | undefined {
  return tasks.find((task) => isOpen(task) && identifierOf(task)?.startsWith(silenceOf(asked, subject)))
}

/** An occurrence was missed: a Task for whoever answers for silence. */
export function missingTask(asked: AskedFor, occurrence: AskedOccurrence, { id, subject, now }: Making): Task {
  const { about, carePlan, policy, title, silence } = asked
  return engineTask({
    ...{ id, code: 'missing-measurement', colour: 'grey', about, now },
    name: silenceOf(asked, subject) + occurrence.dueAt.toISOString(),
    told: { nb: `${title} uteble`, nn: `${title} uteblei`, en: `${title} did not come` },
    reason: missedInWords(title, [occurrence.dueAt]),
    basedOn: basisOf(asked),
    subject: { reference: subject },
    owner: policy.owner ?? carePlan?.careTeam?.[0],
    ...(silence && !policy.owner ? asOwner(silence.owner) : {}),
    input: [momentInput(occurrence.dueAt)],
    // It is there at once, and late when the silence has lasted for as long as the plan allows.
    ...(silence ? { within: silence.after } : {}),
  })
}

/** Another one missed while the Task is open: it tells how many, and the latest. */
export function joinMissing(task: Task, { title }: AskedFor, { dueAt }: AskedOccurrence, now: Date): Task {
  const input = task.input ?? []
  if (input.some(({ valueDateTime }) => valueDateTime === dueAt.toISOString())) return task
  const joined = [...input, momentInput(dueAt)]
  const moments = joined.flatMap(({ valueDateTime }) => (valueDateTime ? [new Date(valueDateTime)] : []))
  return {
    ...task,
    input: joined,
    reasonCode: toldConcept(missedInWords(title, moments)),
    lastModified: now.toISOString(),
  }
}

/** Nobody can be reminded of, and nobody would miss, what cannot be understood: the team is told once. */
export function unscheduledTask(problem: ScheduleProblem, { id, subject, now }: Making): Task {
  const { about, carePlan, message } = problem
  return engineTask({
    ...{ id, code: 'rule-unevaluable', colour: 'yellow', about, now },
    name: problemName(problem, subject),
    told: {
      nb: `Tidsplanen i ${about} kan ikke forstås: ingen blir påminnet, og ingenting blir savnet.`,
      nn: `Tidsplanen i ${about} kan ikkje forståast: ingen vert minte på noko, og ingenting vert sakna.`,
      en: `The schedule of ${about} cannot be understood: nobody is reminded, and nothing is missed.`,
    },
    reason: sameInAll(message),
    basedOn: basisOf(problem),
    subject: { reference: subject },
    owner: carePlan?.careTeam?.[0],
  })
}

/** What asks, and the plan of the patient's that it is part of: an activity of a CarePlan is asked for by that itself. */
const basisOf = ({ about, carePlan }: Pick<AskedFor, 'about' | 'carePlan'>): string[] => [
  ...new Set([about, ...(carePlan ? [`CarePlan/${carePlan.id}`] : [])]),
]

export const isAbout = (task: Task, problem: ScheduleProblem, subject: string) =>
  isOpen(task) && identifierOf(task) === problemName(problem, subject)

const problemName = ({ about, name }: ScheduleProblem, subject: string) =>
  `${about}|schedule${name ? `.${name}` : ''}!|${subject}|${about}`

type Phrase = (title: string, at: string, count: number) => string

const MISSED_ONCE: Record<Language, Phrase> = {
  nb: (title, at) => `${title}: ventet ${at}, kom ikke`,
  nn: (title, at) => `${title}: venta ${at}, kom ikkje`,
  en: (title, at) => `${title}: expected ${at}, did not come`,
}

const MISSED_OFTEN: Record<Language, Phrase> = {
  nb: (title, at, count) => `${title}: uteblitt ${count} ganger, sist ${at}`,
  nn: (title, at, count) => `${title}: uteblitt ${count} gonger, sist ${at}`,
  en: (title, at, count) => `${title}: missing ${count} times, last ${at}`,
}

function missedInWords(title: string, moments: Date[]): Told {
  const latest = new Date(Math.max(...moments.map((moment) => moment.getTime())))
  const phrases = moments.length === 1 ? MISSED_ONCE : MISSED_OFTEN
  return tell((language) => phrases[language](title, momentInWords(latest, language), moments.length))
}

const momentInput = (at: Date): TaskInput => ({
  type: taskInput('moment', DUE),
  valueDateTime: at.toISOString(),
})
