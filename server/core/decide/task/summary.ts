import type { CodeableConcept, Task, TaskInput } from '@medplum/fhirtypes'
import { COLOURS, SUMMARY_WINDOW } from '../plan/vocabulary.ts'
import { before } from '../time/duration.ts'
import { colourIn, TASK_WORDS, taskCode, taskInput } from '../words/coded-words.ts'
import type { Language } from '../words/language.ts'
import { reasonIn, type Told, tell, toldAs, toldConcept } from '../words/told.ts'
import { translated } from '../words/translated.ts'
import { type Finding, identifiersOf, newTask, ruleOf } from './finding-task.ts'
import { countOccasion } from './repetition.ts'
import { marksOf, PRIORITIES, withMarks } from './task-marks.ts'

/**
 * The open Task in which a finding is gathered: of the same plan and enrolment, made within the plan's window, and nobody has begun
 * with it. Red is never gathered: it must be seen as new. What could not be evaluated stands alone too, for others may have to mend it.
 */
export function findGathering(openTasks: Task[], finding: Finding): Task | undefined {
  const { plan, rule, carePlan, kind, now } = finding
  const window = plan.definition.extension?.find(({ url }) => url === SUMMARY_WINDOW)?.valueDuration
  if (!window || kind !== 'assess' || rule.colour === 'red') return undefined
  const since = before(now.getTime(), window)
  return openTasks.find(
    (task) =>
      task.status === 'requested' &&
      ruleOf(task)?.url === plan.url &&
      !ruleOf(task)?.actionId.endsWith('!') &&
      task.basedOn?.some(({ reference }) => reference === `CarePlan/${carePlan.id}`) &&
      colourOf(task) !== 'red' &&
      Date.parse(task.authoredOn ?? '') >= since,
  )
}

/** The Task about one finding more: the worse colour, the higher priority, the earlier deadline, and what each finding says. */
export function gather(task: Task, finding: Finding): Task {
  const own = newTask(String(task.id), finding)
  const isWorse = COLOURS.indexOf(colourOf(own)) < COLOURS.indexOf(colourOf(task))
  const known = isSummary(task) ? (task.input ?? []) : [...(task.input ?? []), toldBy(task)]
  const fresh = (own.input ?? []).filter(
    (input) => !known.some((old) => old.valueReference?.reference === input.valueReference?.reference),
  )
  const gathered: Task = {
    ...task,
    identifier: [...(task.identifier ?? []), ...(own.identifier ?? [])],
    code: taskCode('summary'),
    businessStatus: isWorse ? own.businessStatus : task.businessStatus,
    priority: PRIORITIES[Math.max(rank(task), rank(own))],
    ...toldAs(
      'description',
      tell((language) => severalInWords(language, task, own)),
    ),
    performerType: [...(task.performerType ?? []), ...(own.performerType ?? [])].filter(isFirst),
    focus: own.focus,
    reasonReference: own.reasonReference,
    lastModified: finding.now.toISOString(),
    input: [...known, ...fresh, toldBy(own)],
  }
  const [mine, theirs] = [marksOf(task), marksOf(own)]
  const marked = withMarks(gathered, deadlineOf(theirs) < deadlineOf(mine) ? theirs : mine)
  const { display = finding.reason } = finding.evidence.at(-1) ?? {}
  return retell(countOccasion(marked, { at: finding.now, display, resource: resourceOf(finding) }))
}

/** What each of them asks for, behind what a summary is called. */
function severalInWords(language: Language, ...tasks: Task[]): string {
  const several = `${TASK_WORDS.summary[language]}: `
  const all = tasks.map((task) => (translated(task, 'description', language) ?? '').replace(several, ''))
  return several + all.join(' ')
}

/** Several findings in one. */
export const isSummary = (task: Task): boolean => identifiersOf(task).length > 1

/** A summary whose finding came again: what that one says is new, what the others say stays. */
export function retellFinding(task: Task, actionId: string, reason: Told): Task {
  if (!isSummary(task)) return task
  const input = (task.input ?? []).map((one) =>
    isTold(one) && one.type.text === actionId ? told(actionId, reason) : one,
  )
  return retell({ ...task, input })
}

const retell = (task: Task): Task => ({
  ...task,
  reasonCode: toldConcept(
    tell((language) =>
      (task.input ?? [])
        .filter(isTold)
        .map((one) => translated(one, 'valueString', language))
        .join('; '),
    ),
  ),
})

const isTold = ({ type }: TaskInput) => type.coding?.[0]?.code === 'finding'
const told = (actionId: string, reason: Told): TaskInput => ({
  type: { ...taskInput('finding'), text: actionId },
  ...toldAs('valueString', reason),
})
const toldBy = (task: Task) => told(ruleOf(task)?.actionId ?? '', reasonIn(task))

const colourOf = ({ businessStatus }: Task) => colourIn(businessStatus) ?? 'yellow'
const rank = ({ priority = 'routine' }: Task) => PRIORITIES.indexOf(priority)
const deadlineOf = (marks: ReturnType<typeof marksOf>) =>
  marks.find(({ kind }) => kind === 'deadline')?.at.getTime() ?? Number.POSITIVE_INFINITY
const resourceOf = ({ evidence }: Finding) => {
  const latest = evidence.at(-1)
  return latest?.kind === 'resource' ? latest.resource : undefined
}
const isFirst = (one: CodeableConcept, at: number, all: CodeableConcept[]) =>
  all.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === at
