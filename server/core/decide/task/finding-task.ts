import type { CarePlan, Reference, Task, TaskInput } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { versionedReference } from '../../fhir/versioned-reference.ts'
import type { CompiledPlan, Rule } from '../plan/compile-plan.ts'
import type { Variables } from '../plan/condition.ts'
import { FINDING } from '../plan/vocabulary.ts'
import { withSilenceClocks } from '../silence/silence-clock.ts'
import { ownedBy } from '../silence/silence-owner.ts'
import { taskCode, taskInput, triageColour } from '../words/coded-words.ts'
import type { Language } from '../words/language.ts'
import { type Told, tell, toldAs, toldConcept } from '../words/told.ts'
import { translated } from '../words/translated.ts'
import { COLOUR_PRIORITY } from './engine-task.ts'
import { placeTask } from './place-task.ts'
import { countOccasion, type Occasion } from './repetition.ts'
import { snoozeOf, suppressOnce } from './snooze.ts'
import { NOBODY } from './staff.ts'
import { isOfPatient, isOpen } from './task-status.ts'

/** One thing that a finding rests on: a resource in the version that was looked at, or the moment that passed. */
export type Evidence =
  | { kind: 'resource'; resource: Resource; display: Told }
  | { kind: 'moment'; at: string; display: Told }

/** What a rule found out about one patient, ready to become a Task or to join one. */
export type Finding = {
  plan: CompiledPlan
  rule: Rule
  carePlan: CarePlan
  /** `assess` is the rule's own Task; `unevaluable` tells the team that the rule could not be evaluated. */
  kind: 'assess' | 'unevaluable'
  /** Rules of other causes that the same trouble keeps from being evaluated: it is told once, of all of them. */
  alsoOf?: Rule[]
  /** In words, for the worklist: «SpO2 84 %, rød grense 88 %». */
  reason: Told
  evidence: Evidence[]
  /** What the rule's expressions can name. */
  variables: Variables
  /** `Observation/1/_history/1`, or the timer's moment: with plan, action and subject it names the finding for ever. */
  event: string
  /** Why the measurement may be an artefact, in words; on a red finding, which is said all the same. */
  doubt?: Told
  now: Date
}

/** The part of the identifier that a new event of the same finding shares. Without the version: a new version joins too. */
function findingPrefix({ plan, rule, carePlan, kind }: Finding): string {
  const action = kind === 'unevaluable' ? `${rule.cause}!` : rule.id
  return `${plan.url}|${action}|${carePlan.subject.reference}|`
}

/** The finding's own name, for ever: what is made of it bears it as identifier. */
export const findingName = (finding: Finding): string => findingPrefix(finding) + finding.event

/** The same of each rule that it is about. */
const findingNames = (finding: Finding): string[] => rulesOf(finding).map((rule) => findingName({ ...finding, rule }))

/** The rule whose finding it is, and those that it is about as well. */
export const rulesOf = ({ rule, alsoOf = [] }: Finding): Rule[] => [rule, ...alsoOf]

/** What the plan sets in what is made of a finding: the activity's values first, then the action's. */
export function dynamicValuesOf({ rule, kind }: Finding) {
  if (kind === 'unevaluable') return []
  return [...(rule.activity?.dynamicValue ?? []), ...(rule.action.dynamicValue ?? [])]
}

/** The open Task that this finding is already about. A worse colour is another action of the plan, so it has its own Task. */
export function findOpenTask(tasks: Task[], finding: Finding): Task | undefined {
  const prefix = findingPrefix(finding)
  return tasks.find((task) => isOpen(task) && identifiersOf(task).some((value) => value.startsWith(prefix)))
}

/** Every finding that a Task is about: one, or those that were gathered in it. */
export const identifiersOf = (task: Task): string[] =>
  (task.identifier ?? []).flatMap(({ system, value }) => (system === FINDING && value ? [value] : []))

export const identifierOf = (task: Task) => task.identifier?.find(({ system }) => system === FINDING)?.value

/** The rule that made a Task: its plan's url and its action's id, read from the identifier. */
export function ruleOf(task: Task): { url: string; actionId: string } | undefined {
  const [url, actionId] = identifierOf(task)?.split('|') ?? []
  return url && actionId ? { url, actionId } : undefined
}

/** @param milder the open Task of the same cause that this finding is worse than, if there is one */
export function newTask(id: string, finding: Finding, milder?: Task): Task {
  const { plan, rule, carePlan, kind, reason, now } = finding
  const colour = kind === 'unevaluable' ? 'yellow' : (rule.colour ?? 'yellow')
  const { activity } = rule
  const task: Task = {
    resourceType: 'Task',
    id,
    identifier: findingNames(finding).map((value) => ({ system: FINDING, value })),
    instantiatesCanonical: plan.canonical,
    basedOn: [{ reference: `CarePlan/${carePlan.id}` }],
    status: 'requested',
    businessStatus: triageColour(colour),
    intent: 'order',
    priority: (kind === 'assess' ? (rule.action.priority ?? activity?.priority) : undefined) ?? COLOUR_PRIORITY[colour],
    code: kind === 'unevaluable' ? taskCode('rule-unevaluable') : (activity?.code ?? taskCode('assess-measurement')),
    ...toldAs('description', descriptionOf(finding)),
    for: carePlan.subject,
    authoredOn: now.toISOString(),
    lastModified: now.toISOString(),
    performerType: activity?.participant?.flatMap((participant) => participant.role ?? []),
    owner: carePlan.careTeam?.[0],
    ...(kind === 'unevaluable' ? ownedBy(plan.definition, 'not-evaluated') : {}),
    ...basisOf(finding),
    reasonCode: toldConcept(reason),
    input: [
      ...finding.evidence.map(toInput),
      ...(finding.doubt ? [{ type: taskInput('artefact'), ...toldAs('valueString', finding.doubt) }] : []),
      ...(milder
        ? [
            {
              type: taskInput('worsened-from'),
              valueReference: { reference: `Task/${milder.id}` },
            },
          ]
        : []),
    ],
  }
  const placed = placeTask(countOccasion(task, occasionOf(finding)), { rule, staff: NOBODY, now })
  return isOfPatient(placed) ? placed : withSilenceClocks(placed, plan.definition)
}

/**
 * The finding seen again while its Task is open: new evidence is appended, each resource once (a newer version replaces the
 * older), focus and reason show the latest, and it is counted. Who owns the Task, its status and its deadline stay as they are.
 * @returns the same object when there is nothing new
 */
export function joinTask(task: Task, finding: Finding): Task {
  const known = task.input ?? []
  const fresh = finding.evidence.map(toInput).filter((input) => !known.some((old) => sameInput(old, input)))
  if (fresh.length === 0) return task
  const kept = known.filter((old) => !fresh.some((input) => sameResource(old, input)))
  const isAnew = fresh.every((input) => known.some((old) => sameResource(old, input)))
  const joined: Task = {
    ...task,
    ...basisOf(finding),
    reasonCode: toldConcept(finding.reason),
    lastModified: finding.now.toISOString(),
    input: [...kept, ...fresh],
  }
  const counted = countOccasion(joined, occasionOf(finding), { isAnew, isSuppressed: snoozeOf(task) !== undefined })
  return isAnew ? counted : suppressOnce(counted)
}

function occasionOf({ evidence, reason, now }: Finding): Occasion {
  const latest = evidence.at(-1)
  if (!latest) return { at: now, display: reason }
  if (latest.kind === 'moment') return { at: new Date(latest.at), display: reason }
  return { at: now, display: latest.display, resource: latest.resource }
}

/**
 * Takes back what nobody has begun with; what somebody has begun with only gets a note, for the person decides.
 * @returns those of the open Tasks that are changed by it: whoever works on one is not told the same twice
 */
export function withdrawTasks(open: readonly Task[], reason: Told, now: Date): Task[] {
  if (open.length === 0) return []
  const lastModified = now.toISOString()
  return open.flatMap((task): Task[] => {
    const hasBegun = (snoozeOf(task)?.from ?? task.status) !== 'requested'
    if (!hasBegun) return [{ ...task, status: 'cancelled', statusReason: toldConcept(reason), lastModified }]
    const { note = [] } = task
    if (note.at(-1)?.text === reason.nb) return []
    return [{ ...task, lastModified, note: [...note, { time: lastModified, ...toldAs('text', reason) }] }]
  })
}

/** Whether a Task rests on this resource, in whichever version. */
export function restsOn(task: Task, reference: string): boolean {
  return (task.input ?? []).some(
    (input) => isEvidence(input) && unversioned(input.valueReference?.reference) === reference,
  )
}

/** How many different things a Task rests on. */
export const evidenceCount = (task: Task) => (task.input ?? []).filter(isEvidence).length

function basisOf({ evidence, carePlan }: Finding): Pick<Task, 'focus' | 'reasonReference'> {
  const latest = evidence.findLast((piece) => piece.kind === 'resource')
  const focus: Reference = latest
    ? { reference: `${latest.resource.resourceType}/${latest.resource.id}` }
    : { reference: `CarePlan/${carePlan.id}` }
  return { focus, reasonReference: focus }
}

/** What is to be done, in the words of the plan where its author has written them in that language. */
function descriptionOf(finding: Finding): Told {
  const { rule, kind, reason } = finding
  const { action, activity } = rule
  return tell((language) => {
    if (kind === 'unevaluable') {
      const names = rulesOf(finding).map((one) => nameOf(one, language))
      return UNEVALUABLE[language](names, reason[language])
    }
    const ofActivity = activity && translated(activity, 'description', language)
    const ownWords = translated(action, 'description', language) ?? translated(action, 'title', language)
    return ownWords ?? ofActivity ?? nameOf(rule, language)
  })
}

const nameOf = ({ action, id }: Rule, language: Language): string =>
  [action.prefix, translated(action, 'title', language) ?? id].filter(Boolean).join(' ')

const quoted = (names: string[]): string => names.map((name) => `«${name}»`).join(', ')

const UNEVALUABLE: Record<Language, (names: string[], why: string) => string> = {
  nb: (names, why) => `${names.length > 1 ? 'Reglene' : 'Regelen'} ${quoted(names)} kunne ikke vurderes: ${why}`,
  nn: (names, why) => `${names.length > 1 ? 'Reglane' : 'Regelen'} ${quoted(names)} kunne ikkje vurderast: ${why}`,
  en: (names, why) =>
    `The ${names.length > 1 ? 'rules' : 'rule'} ${names.map((name) => `"${name}"`).join(', ')} could not be evaluated: ${why}`,
}

function toInput(evidence: Evidence): TaskInput {
  if (evidence.kind === 'moment') {
    return { type: taskInput('moment', evidence.display), valueDateTime: evidence.at }
  }
  return {
    type: taskInput('evidence'),
    valueReference: { reference: versionedReference(evidence.resource), ...toldAs('display', evidence.display) },
  }
}

const isEvidence = (input: TaskInput) => input.type?.coding?.[0]?.code === 'evidence'

const sameInput = (one: TaskInput, other: TaskInput) =>
  one.valueReference?.reference === other.valueReference?.reference && one.valueDateTime === other.valueDateTime

const sameResource = (one: TaskInput, other: TaskInput) =>
  isEvidence(one) &&
  isEvidence(other) &&
  unversioned(one.valueReference?.reference) === unversioned(other.valueReference?.reference)

const unversioned = (reference: string | undefined) => reference?.split('/_history/')[0]
