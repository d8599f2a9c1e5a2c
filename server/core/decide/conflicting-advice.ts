import type { CarePlan, CodeableConcept, Extension, Task } from '@medplum/fhirtypes'
import { concept, hasCode } from '../fhir/codeable-concept.ts'
import type { Decisions } from './decisions.ts'
import { tokensOf } from './limits/measured.ts'
import { allRules, type CompiledPlan } from './plan/compile-plan.ts'
import { FYLGJE, TASK_CODE, TEAM_ROLE } from './plan/vocabulary.ts'
import { engineTask } from './task/engine-task.ts'
import { identifierOf, withdrawTasks } from './task/finding-task.ts'
import { isOpen } from './task/task-status.ts'
import { REASONS } from './words/reasons.ts'
import type { Told } from './words/told.ts'

/**
 * On an action of a plan, or on its ActivityDefinition: what the patient is told to do by themselves, so that two plans can be held
 * against each other. `topic` is of what (drinking, a medicine), `direction` is more, less, start, stop, do or avoid.
 */
export const ADVICE = `${FYLGJE}/StructureDefinition/advice`

const OPPOSITE = { more: 'less', less: 'more', start: 'stop', stop: 'start', do: 'avoid', avoid: 'do' } as const
type Direction = keyof typeof OPPOSITE
const isDirection = (code: string | undefined): code is Direction => code !== undefined && code in OPPOSITE

type Advice = { topic: string[]; text: string; direction: Direction; title: string }

/** An enrolment with its plan. */
export type Advised = { carePlan: CarePlan; plan: CompiledPlan }

/** Two plans of one patient that say the opposite of one thing. */
export type Conflict = Opposite & { one: Advised; other: Advised }
export type Opposite = { topic: string; told: Told }

/** What a plan tells its patients to do: by the extension, and what its activities say must not be done. */
function advicesOf({ rules }: CompiledPlan): Advice[] {
  return allRules(rules).flatMap(({ action, activity, id }) => {
    const title = action.title ?? activity?.title ?? id
    const said = [...(action.extension ?? []), ...(activity?.extension ?? [])].flatMap((one) => toAdvice(one, title))
    const { code, doNotPerform } = activity ?? {}
    const isOfPatient = activity?.participant?.some(({ type }) => type === 'patient') ?? false
    if (said.length > 0 || !code || !(isOfPatient || doNotPerform)) return said
    return adviceOn(code, doNotPerform ? 'avoid' : 'do', title)
  })
}

function toAdvice({ url, extension = [] }: Extension, title: string): Advice[] {
  const topic = extension.find((part) => part.url === 'topic')?.valueCodeableConcept
  const direction = extension.find((part) => part.url === 'direction')?.valueCode
  return url === ADVICE && topic && isDirection(direction) ? adviceOn(topic, direction, title) : []
}

function adviceOn(topic: CodeableConcept, direction: Direction, title: string): Advice[] {
  const text = topic.text ?? topic.coding?.[0]?.display ?? topic.coding?.[0]?.code ?? ''
  const tokens = tokensOf(topic)
  // Without a code its words are what it is called.
  return [{ topic: tokens.length > 0 ? tokens : [`|${text.toLowerCase()}`], text, direction, title }]
}

/** Each two plans that contradict each other, once for each topic. */
export function conflictsAmong(advised: readonly Advised[]): Conflict[] {
  return advised.flatMap((one, i) =>
    advised.slice(i + 1).flatMap((other) => (one.plan.url === other.plan.url ? [] : conflictsOf(one, other))),
  )
}

const conflictsOf = (one: Advised, other: Advised): Conflict[] =>
  oppositesOf(one.plan, other.plan).map((opposite) => ({ one, other, ...opposite }))

/** What two plans say the opposite of, each topic once. */
export function oppositesOf(one: CompiledPlan, other: CompiledPlan): Opposite[] {
  const found = new Map<string, Opposite>()
  for (const mine of advicesOf(one)) {
    for (const theirs of advicesOf(other)) {
      const topic = mine.topic.find((token) => theirs.topic.includes(token))
      if (!topic || OPPOSITE[mine.direction] !== theirs.direction || found.has(topic)) continue
      found.set(topic, { topic, told: inWords([one, mine], [other, theirs]) })
    }
  }
  return [...found.values()]
}

/** Both CarePlans, whichever came first, and the topic. */
function nameOf({ one, other, topic }: Conflict): string {
  const [first, second] = [one, other].map(({ carePlan }) => `CarePlan/${carePlan.id}`).sort()
  return `${first}|*advice.${second}|${one.carePlan.subject.reference}|${topic.replaceAll('|', '#')}`
}

type Facts = { advised: readonly Advised[]; openTasks: Task[]; now: Date; newId: () => string }

/** A patient's enrolments changed: each conflict is a Task for a doctor, once, and is taken back when one of the plans has ended. */
export function keepAdvice({ advised, openTasks, now, newId }: Facts): Decisions['tasks'] {
  const conflicts = new Map(conflictsAmong(advised).map((conflict) => [nameOf(conflict), conflict]))
  const told = openTasks.filter((task) => isOpen(task) && isOfConflict(task))
  const known = new Set(told.map(identifierOf))
  const ended = told.filter((task) => !conflicts.has(identifierOf(task) ?? '') && task.status === 'requested')
  return [
    ...[...conflicts].flatMap(([name, conflict]): Decisions['tasks'] =>
      known.has(name) ? [] : [{ act: 'create', task: conflictTask(name, conflict, { id: newId(), now }) }],
    ),
    ...withdrawTasks(ended, REASONS['no-conflict'], now).map((task) => ({ act: 'update' as const, task })),
  ]
}

const isOfConflict = ({ code }: Task): boolean => hasCode(code, TASK_CODE, 'conflicting-advice')

function conflictTask(name: string, conflict: Conflict, { id, now }: { id: string; now: Date }): Task {
  const { one, other, told } = conflict
  const task = engineTask({
    ...{ id, name, code: 'conflicting-advice', colour: 'yellow', told, now },
    about: `CarePlan/${other.carePlan.id}`,
    basedOn: [one, other].map(({ carePlan }) => `CarePlan/${carePlan.id}`),
    subject: one.carePlan.subject,
    owner: other.carePlan.careTeam?.[0],
    performerType: [concept(TEAM_ROLE, 'doctor', 'Lege')],
  })
  return { ...task, reasonReference: { reference: `CarePlan/${one.carePlan.id}` } }
}

function inWords([one, mine]: [CompiledPlan, Advice], [other, theirs]: [CompiledPlan, Advice]): Told {
  const plan = ({ definition, url }: CompiledPlan) => definition.title ?? url
  const [first, second] = [`«${plan(one)}» (${mine.title})`, `«${plan(other)}» (${theirs.title})`]
  return {
    nb: `${first} og ${second} gir motsatte råd om ${mine.text}.`,
    nn: `${first} og ${second} gjev motsette råd om ${mine.text}.`,
    en: `${first} and ${second} give opposite advice on ${mine.text}.`,
  }
}
