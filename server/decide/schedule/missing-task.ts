import type { Task, TaskInput } from '@medplum/fhirtypes'
import { identifierOf } from '../finding-task.ts'
import { toOsloDateTime } from '../oslo-time.ts'
import { placeTask } from '../place-task.ts'
import { asOwner } from '../silence/silence-owner.ts'
import { NOBODY } from '../staff.ts'
import { isOpen } from '../task-status.ts'
import { sameInAll, type Told, toldConcept } from '../told.ts'
import { COLOUR_DISPLAY, FINDING, TASK_CODE, TASK_INPUT, TRIAGE_COLOUR } from '../vocabulary.ts'
import type { AskedFor, ScheduleProblem } from './asked-for.ts'
import type { AskedOccurrence } from './occurrences.ts'

/** Who may own a Task. */
type Owner = NonNullable<Task['owner']>

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
  const task: Task = {
    resourceType: 'Task',
    id,
    identifier: [{ system: FINDING, value: silenceOf(asked, subject) + occurrence.dueAt.toISOString() }],
    basedOn: [...new Set([about, ...(carePlan ? [`CarePlan/${carePlan.id}`] : [])])].map((reference) => ({
      reference,
    })),
    status: 'requested',
    businessStatus: concept(TRIAGE_COLOUR, 'grey', COLOUR_DISPLAY.grey),
    intent: 'order',
    priority: 'routine',
    code: concept(TASK_CODE, 'missing-measurement', 'Målingen uteble'),
    description: `${title} uteble`,
    focus: { reference: about },
    reasonReference: { reference: about },
    reasonCode: toldConcept(missedInWords(title, [occurrence.dueAt])),
    for: { reference: subject },
    owner: (policy.owner as Owner | undefined) ?? carePlan?.careTeam?.[0],
    ...(silence && !policy.owner ? asOwner(silence.owner) : {}),
    authoredOn: now.toISOString(),
    lastModified: now.toISOString(),
    input: [momentInput(occurrence.dueAt)],
  }
  // It is there at once, and late when the silence has lasted for as long as the plan allows.
  const action = silence ? { timingDuration: silence.after } : {}
  return placeTask(task, { rule: { action }, staff: NOBODY, now })
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
  const task: Task = {
    resourceType: 'Task',
    id,
    identifier: [{ system: FINDING, value: problemName(problem, subject) }],
    basedOn: [...new Set([about, ...(carePlan ? [`CarePlan/${carePlan.id}`] : [])])].map((reference) => ({
      reference,
    })),
    status: 'requested',
    businessStatus: concept(TRIAGE_COLOUR, 'yellow', COLOUR_DISPLAY.yellow),
    intent: 'order',
    priority: 'urgent',
    code: concept(TASK_CODE, 'rule-unevaluable', 'Regel kunne ikke vurderes'),
    description: `Tidsplanen i ${about} kan ikke forstås: ingen blir påminnet, og ingenting blir savnet.`,
    focus: { reference: about },
    reasonReference: { reference: about },
    reasonCode: toldConcept(sameInAll(message)),
    for: { reference: subject },
    owner: carePlan?.careTeam?.[0],
    authoredOn: now.toISOString(),
    lastModified: now.toISOString(),
  }
  return placeTask(task, { rule: { action: {} }, staff: NOBODY, now })
}

export const isAbout = (task: Task, problem: ScheduleProblem, subject: string) =>
  isOpen(task) && identifierOf(task) === problemName(problem, subject)

const problemName = ({ about, name }: ScheduleProblem, subject: string) =>
  `${about}|schedule${name ? `.${name}` : ''}!|${subject}|${about}`

function missedInWords(title: string, moments: Date[]): Told {
  const latest = moments.toSorted((one, other) => one.getTime() - other.getTime()).at(-1) ?? new Date(0)
  const [date, time] = toOsloDateTime(latest).slice(0, 16).split('T')
  if (moments.length === 1) {
    return {
      nb: `${title}: ventet ${date} kl. ${time}, kom ikke`,
      nn: `${title}: venta ${date} kl. ${time}, kom ikkje`,
      en: `${title}: expected ${date} ${time}, did not come`,
    }
  }
  return {
    nb: `${title}: uteblitt ${moments.length} ganger, sist ${date} kl. ${time}`,
    nn: `${title}: uteblitt ${moments.length} gonger, sist ${date} kl. ${time}`,
    en: `${title}: missing ${moments.length} times, last ${date} ${time}`,
  }
}

const momentInput = (at: Date): TaskInput => ({
  type: concept(TASK_INPUT, 'moment', 'Frist'),
  valueDateTime: at.toISOString(),
})

const concept = (system: string, code: string, display: string) => ({ coding: [{ system, code, display }] })
