import type { Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { carryOut } from './carry-out.ts'
import type { RequestDecision, TaskDecision } from './decisions.ts'
import type { Facts } from './facts.ts'
import { askToMeasure, isMeasureAgain } from './limits/doubt.ts'
import type { Rule } from './plan/compile-plan.ts'
import { withDynamicValues } from './plan/dynamic-values.ts'
import { problemOf } from './problem.ts'
import {
  dynamicValuesOf,
  type Finding,
  findingName,
  findOpenTask,
  identifiersOf,
  joinTask,
  newTask,
  ruleOf,
} from './task/finding-task.ts'
import { snoozeOf, wakeTask } from './task/snooze.ts'
import { findGathering, gather, retellFinding } from './task/summary.ts'
import { isOpen } from './task/task-status.ts'

/** What findings have led to so far. */
export type Committed = { tasks: TaskDecision[]; requests: RequestDecision[] }

/**
 * Findings as Tasks for the team, and as what their rules do to the patient's activities; in the order of the rules.
 * @param committed what the happening has led to before, which these join and are added to
 */
export function commitFindings(
  findings: Finding[],
  facts: Facts,
  committed: Committed = { tasks: [], requests: [] },
): Committed {
  if (findings.length === 0) return committed
  const found = new Set(findings.flatMap(({ kind, rule }) => (kind === 'assess' ? [rule.id] : [])))
  for (const finding of findings) {
    const isForTeam = finding.kind === 'unevaluable' || finding.rule.effect.does === 'raise'
    if (isForTeam) noteTasks(finding, facts, committed)
    else sort(carried(finding, { ...facts, found }, committed), committed, facts)
  }
  for (const task of brokenSnoozes(findings, tasksAfter(facts, committed))) {
    note(committed, 'update', wakeTask(task, facts.now, 'Et rødt funn brøt utsettelsen.') as unknown as Resource)
  }
  return committed
}

/** The Tasks that a clinician has put aside, and whose cause has now become red. */
function brokenSnoozes(findings: Finding[], openTasks: Task[]): Task[] {
  const reds = findings.filter(({ kind, rule }) => kind === 'assess' && rule.colour === 'red')
  return openTasks.filter((task) => snoozeOf(task) && reds.some((red) => isOfSameCause(task, red)))
}

/** What an effect changes, or the Task that tells the team that it could not be carried out. */
function carried(
  finding: Finding,
  facts: Facts & { found: ReadonlySet<string> },
  committed: Committed,
): RequestDecision[] | Finding {
  const { carePlan, goals, now, newId, found, evaluate } = facts
  try {
    return carryOut(finding, {
      carePlan,
      goals,
      now,
      newId,
      found,
      evaluate,
      requests: requestsAfter(facts, committed),
    })
  } catch (error) {
    return { ...finding, kind: 'unevaluable', reason: problemOf(error) }
  }
}

function sort(done: RequestDecision[] | Finding, committed: Committed, facts: Facts): void {
  if (!Array.isArray(done)) {
    noteTasks(done, facts, committed)
    return
  }
  for (const { act, resource } of done) note(committed, act, resource)
}

/** A resource that is changed twice by one happening is written once. */
export function note({ tasks, requests }: Committed, act: 'create' | 'update', resource: Resource): void {
  if (resource.resourceType === 'Task') {
    const task = resource as unknown as Task
    const known = tasks.findIndex((one) => one.task.id === task.id)
    if (known >= 0) tasks[known] = { act: tasks[known]?.act ?? act, task }
    else tasks.push({ act, task })
    return
  }
  const known = requests.findIndex((one) => one.resource.id === resource.id)
  if (known >= 0) requests[known] = { act: requests[known]?.act ?? act, resource }
  else requests.push({ act, resource })
}

/** The patient's requests and open Tasks as they will be with what is decided so far. */
export function requestsAfter({ requests = [], openTasks }: Facts, committed: Committed): Resource[] {
  const all = new Map<string, Resource>()
  for (const one of [...requests, ...(openTasks as unknown as Resource[])]) all.set(keyOf(one), one)
  for (const { resource } of committed.requests) all.set(keyOf(resource), resource)
  for (const { task } of committed.tasks) all.set(keyOf(task as unknown as Resource), task as unknown as Resource)
  return [...all.values()]
}

const keyOf = ({ resourceType, id }: Resource) => `${resourceType}/${id}`

function noteTasks(finding: Finding, facts: Facts, committed: Committed): void {
  const decided = toTask(finding, facts, tasksAfter(facts, committed))
  if (!decided) return
  note(committed, decided.act, decided.task as unknown as Resource)
  if (decided.act === 'create' && isMeasureAgain(decided.task)) {
    note(committed, 'create', askToMeasure(decided.task, finding, facts.newId()) as unknown as Resource)
  }
}

/** The open Task that the finding joins, the one that it is gathered in, or a new one; undefined when it says nothing new. */
function toTask(finding: Finding, facts: Facts, openTasks: Task[]): Committed['tasks'][number] | undefined {
  const isMultiple = finding.kind === 'assess' && finding.rule.action.cardinalityBehavior === 'multiple'
  const open = isMultiple ? findNamed(openTasks, finding) : findOpenTask(openTasks, finding)
  if (open) {
    const joined = joinTask(open, finding)
    if (joined === open) return undefined
    return { act: 'update', task: retellFinding(joined, finding.rule.id, finding.reason) }
  }
  const gathering = isMultiple ? undefined : findGathering(openTasks, finding)
  if (gathering) return { act: 'update', task: gather(gathering, finding) }
  const made = newTask(facts.newId(), finding, milderTask(openTasks, finding))
  const { variables, now } = finding
  const asked = { variables, now, evaluate: facts.evaluate }
  return { act: 'create', task: withDynamicValues(made, dynamicValuesOf(finding), asked) }
}

/** Of an action that is done on each occasion: the Task of this one. */
const findNamed = (openTasks: Task[], finding: Finding): Task | undefined =>
  openTasks.find((task) => identifiersOf(task).includes(findingName(finding)))

/** The open Tasks as they will be with what is decided so far. */
function tasksAfter({ openTasks }: Facts, { tasks }: Committed): Task[] {
  const all = new Map(openTasks.map((task) => [task.id, task]))
  for (const { task } of tasks) all.set(task.id, task)
  return [...all.values()].filter(isOpen)
}

/** The open Task of another rule of the same cause, which this finding has grown from. */
function milderTask(openTasks: Task[], finding: Finding): Task | undefined {
  if (finding.kind !== 'assess' || finding.rule.colour !== 'red') return undefined
  return openTasks.find((task) => isOpen(task) && isOfSameCause(task, finding))
}

/** Made by another rule of the cause that this finding is of. */
function isOfSameCause(task: Task, { plan, rule }: Finding): boolean {
  const made = ruleOf(task)
  const siblings = idsWithCause(plan.rules, rule.cause)
  return made?.url === plan.url && made.actionId !== rule.id && siblings.includes(made.actionId)
}

const idsWithCause = (rules: Rule[], cause: string): string[] =>
  rules.flatMap((rule) => [...(rule.cause === cause ? [rule.id] : []), ...idsWithCause(rule.children, cause)])
