import type { Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { ConditionTrace } from '../plan/condition.ts'
import { isOpen } from '../task/task-status.ts'
import { type Change, pick } from './change.ts'
import { earliest } from './clocks.ts'
import { causeOf, isMove, RealWork, withMove } from './real-work.ts'

/** A Task that the simulation made. */
export type SimulatedTask = {
  /** As it was when it was made, and as it was at the end. */
  made: Task
  task: Task
  at: Date
  /** The real Task of the same finding, where there is one. */
  counterpart?: string
  /** What its rule asked, and what the answers were. */
  conditions?: ConditionShown[]
}

/** A condition of a rule, as it came out. */
export type ConditionShown = Pick<ConditionTrace, 'expression' | 'outcome' | 'problem'>

type People = {
  /** urls of the plan, and of the one in whose place it is tried. */
  urls: ReadonlySet<string>
  /** Until when, in milliseconds, a Task lies that nobody really had: what people usually take. */
  answeredAfter: (task: Task) => number
}

/** The Tasks of a play, and what people do with them: what they did with the real ones, or would usually have done. */
export class SimulatedTasks {
  readonly made = new Map<string, SimulatedTask>()
  /** Tasks that others made in its course, as they stand. */
  readonly others = new Map<string, Task>()
  private readonly openById = new Map<string, Task>()
  /** When Tasks are answered that nobody really had. */
  private readonly answers = new Map<string, Date>()
  private readonly work: RealWork
  private readonly people: People
  private readonly onNote: (task: Task) => void

  /**
   * @param realTasks the Tasks that the engine will really make later, in all their versions
   * @param onNote    told of every Task that came or changed
   */
  constructor(realTasks: Task[], people: People, onNote: (task: Task) => void) {
    this.work = new RealWork(realTasks, people.urls)
    this.people = people
    this.onNote = onNote
  }

  readonly open = (): Task[] => [...this.openById.values()]

  get(id: string): Task | undefined {
    return this.openById.get(id)
  }

  /** One that stood when the play began. */
  give(task: Task): void {
    this.work.see(task)
    if (isOpen(task)) this.openById.set(String(task.id), task)
  }

  /** A version of a real Task: of the engine's own only what people do with it counts; another's is what it is. */
  see(task: Task, byEngine: boolean): Change[] {
    const isOfEngine = this.causeOf(task) !== `Task/${task.id}`
    if (!isOfEngine) return byEngine ? [] : [this.seeOther(task)]
    const before = this.work.see(task)
    if (byEngine || !isMove(before, task)) return []
    const moved = this.movedBy(task)
    if (!moved) return []
    const after = withMove(moved, task)
    this.note(after)
    return [{ type: 'Task', id: String(after.id), interaction: 'update', depth: 0, current: asResource(after) }]
  }

  private seeOther(task: Task): Change {
    const id = String(task.id)
    const previous = this.openById.get(id)
    this.note(task)
    return {
      ...{ type: 'Task', id, interaction: previous ? 'update' : 'create', depth: 0 },
      ...pick({ current: asResource(task), previous: previous && asResource(previous) }),
    }
  }

  /** The simulated Task that somebody acts on by acting on a real one: of the same finding, or an open one of the same cause. */
  private movedBy(real: Task): Task | undefined {
    const given = this.openById.get(String(real.id))
    if (given) return given
    const same = [...this.made.values()].findLast(({ counterpart }) => counterpart === real.id)
    if (same) return this.openById.get(String(same.task.id))
    const cause = this.causeOf(real)
    return this.open().find((task) => this.causeOf(task) === cause)
  }

  private causeOf(task: Task): string {
    return causeOf(task, this.people.urls)
  }

  make(task: Task, at: Date): void {
    const counterpart = this.work.counterpartOf(task, (id) => this.made.get(id)?.counterpart)
    this.made.set(String(task.id), { made: task, task, at, ...(counterpart ? { counterpart } : {}) })
    this.note(task)
    if (!counterpart) this.answers.set(String(task.id), new Date(at.getTime() + this.people.answeredAfter(task)))
  }

  note(task: Task): void {
    const id = String(task.id)
    const own = this.made.get(id)
    if (own) this.made.set(id, { ...own, task })
    else this.others.set(id, task)
    if (isOpen(task)) this.openById.set(id, task)
    else this.openById.delete(id)
    this.onNote(task)
  }

  /**
   * A Task that nobody really had is done after the usual time, unless somebody has the same before them.
   * @returns whether one was due until then
   */
  answerNext(until: Date): boolean {
    const [id, at] = earliest(this.answers, (moment) => moment, until) ?? []
    if (id === undefined || at === undefined) return false
    this.answers.delete(id)
    const task = this.openById.get(id)
    if (task && isOpen(task) && !this.work.hasOpenOf(task)) {
      this.note({ ...task, status: 'completed', lastModified: at.toISOString() })
    }
    return true
  }
}

const asResource = (task: Task) => task as unknown as Resource
