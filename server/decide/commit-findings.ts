import type { Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { carryOut, type RequestDecision } from './carry-out.ts'
import type { Rule } from './compile-plan.ts'
import type { Facts } from './decide.ts'
import { withDynamicValues } from './dynamic-values.ts'
import { dynamicValuesOf, type Finding, findOpenTask, joinTask, newTask, ruleOf } from './finding-task.ts'
import { isOpen } from './task-status.ts'

export type Committed = { tasks: { act: 'create' | 'update'; task: Task }[]; requests: RequestDecision[] }

/** Findings as Tasks for the team, and as what their rules do to the patient's activities; in the order of the rules. */
export function commitFindings(findings: Finding[], facts: Facts): Committed {
  const committed: Committed = { tasks: [], requests: [] }
  for (const finding of findings) {
    const isForTeam = finding.kind === 'unevaluable' || finding.rule.effect.does === 'raise'
    if (isForTeam) committed.tasks.push(...toTasks(finding, facts))
    else sort(carried(finding, facts, committed), committed, facts)
  }
  return committed
}

/** What an effect changes, or the Task that tells the team that it could not be carried out. */
function carried(finding: Finding, facts: Facts, committed: Committed): RequestDecision[] | Finding {
  const { carePlan, now, newId, evaluate } = facts
  try {
    return carryOut(finding, { carePlan, now, newId, evaluate, requests: requestsAfter(facts, committed) })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ...finding, kind: 'unevaluable', reason }
  }
}

function sort(done: RequestDecision[] | Finding, committed: Committed, facts: Facts): void {
  if (!Array.isArray(done)) {
    committed.tasks.push(...toTasks(done, facts))
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

/** A new Task, or the open one that the finding joins. */
function toTasks(finding: Finding, { openTasks, newId, evaluate }: Facts): Committed['tasks'] {
  const open = findOpenTask(openTasks, finding)
  if (open) {
    const joined = joinTask(open, finding)
    return joined === open ? [] : [{ act: 'update', task: joined }]
  }
  const task = newTask(newId(), finding, milderTask(openTasks, finding))
  const { variables, now } = finding
  return [{ act: 'create', task: withDynamicValues(task, dynamicValuesOf(finding), { variables, now, evaluate }) }]
}

/** The open Task of another rule of the same cause, which this finding has grown from. */
function milderTask(openTasks: Task[], { plan, rule, kind }: Finding): Task | undefined {
  if (kind !== 'assess' || rule.colour !== 'red') return undefined
  const siblings = new Set(idsWithCause(plan.rules, rule.cause))
  return openTasks.find((task) => {
    const made = ruleOf(task)
    return isOpen(task) && made?.url === plan.url && made.actionId !== rule.id && siblings.has(made.actionId)
  })
}

const idsWithCause = (rules: Rule[], cause: string): string[] =>
  rules.flatMap((rule) => [...(rule.cause === cause ? [rule.id] : []), ...idsWithCause(rule.children, cause)])
