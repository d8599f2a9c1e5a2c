import type { Task } from '@medplum/fhirtypes'
import { QUEUE, SNOOZE } from '../plan/vocabulary.ts'
import { identifiersOf, ruleOf } from '../task/finding-task.ts'
import { isOpen } from '../task/task-status.ts'

/**
 * What a Task is about, whichever version of the plan made it: the rule's id and, for what a schedule misses, the request. Two Tasks
 * of one patient with the same cause are about the same.
 * @param urls of the plan, and of the one that it is tried in the place of
 */
export function causeOf(task: Task, urls: ReadonlySet<string>): string {
  const made = ruleOf(task)
  if (!made) return `Task/${task.id}`
  if (made.url.startsWith('Task/')) return made.actionId
  return urls.has(made.url) ? made.actionId : `${made.url}|${made.actionId}`
}

/** The findings that a Task is about, by name: equal for a real Task and the simulated one that it should have been. */
const findingsOf = (task: Task, urls: ReadonlySet<string>): string[] =>
  identifiersOf(task).map((name) => {
    const [url = '', ...rest] = name.split('|')
    return urls.has(url) ? rest.join('|') : name
  })

/**
 * The Tasks that the engine really made for one patient, and what people did with them. Those moves are facts: the simulation has no
 * people of its own.
 */
export class RealWork {
  private readonly urls: ReadonlySet<string>
  /** As they are at this moment of the simulation. */
  private readonly tasks = new Map<string, Task>()
  private readonly findings = new Map<string, string>()

  /** @param all every version of every such Task: somebody will act on a finding of theirs, though later */
  constructor(all: Task[], urls: ReadonlySet<string>) {
    this.urls = urls
    for (const task of all) {
      for (const finding of findingsOf(task, urls)) this.findings.set(withoutMoment(finding), String(task.id))
    }
  }

  /** @returns the version before */
  see(task: Task): Task | undefined {
    const before = this.tasks.get(String(task.id))
    this.tasks.set(String(task.id), task)
    return before
  }

  /**
   * The real Task of the same finding, now or later.
   * @param realOf the real Task of another simulated one: some Tasks are about Tasks
   */
  counterpartOf(simulated: Task, realOf: (id: string) => string | undefined): string | undefined {
    for (const finding of findingsOf(simulated, this.urls)) {
      const named = finding.replace(/^Task\/([^|]+)/, (_whole, id: string) => `Task/${realOf(id) ?? id}`)
      const id = this.findings.get(withoutMoment(named))
      if (id) return id
    }
    return undefined
  }

  /** Somebody really has a Task of the same cause before them, and will act on it. */
  hasOpenOf(simulated: Task): boolean {
    const cause = causeOf(simulated, this.urls)
    return [...this.tasks.values()].some((task) => isOpen(task) && causeOf(task, this.urls) === cause)
  }
}

/** A Task about a Task is named by when that one was made, too, which nobody can repeat to the millisecond. */
const withoutMoment = (finding: string): string =>
  finding.startsWith('Task/') ? finding.slice(0, finding.lastIndexOf('|')) : finding

/** The simulated Task after somebody has moved the real one: its status, its owner, its snooze, what came of it; what it rests on stays its own. */
export function withMove(simulated: Task, real: Task): Task {
  const { status, owner, statusReason, executionPeriod, lastModified, output } = real
  const ofPeople = new Set([SNOOZE, QUEUE])
  const extension = [
    ...(simulated.extension ?? []).filter(({ url }) => !ofPeople.has(url)),
    ...(real.extension ?? []).filter(({ url }) => ofPeople.has(url)),
  ]
  const { statusReason: _reason, extension: _extension, ...rest } = simulated
  return {
    ...rest,
    status,
    ...(owner ? { owner } : {}),
    ...(statusReason ? { statusReason } : {}),
    ...(executionPeriod ? { executionPeriod } : {}),
    ...(lastModified ? { lastModified } : {}),
    ...(output ? { output } : {}),
    ...(extension.length > 0 ? { extension } : {}),
  }
}

/** Whether a person, or another system, has moved the Task with this version, and has not only written in it. */
export const isMove = (before: Task | undefined, after: Task): boolean =>
  before === undefined ||
  before.status !== after.status ||
  before.owner?.reference !== after.owner?.reference ||
  JSON.stringify(before.extension) !== JSON.stringify(after.extension)
