import type { CarePlan, ClinicalImpression, Goal, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { STEERED_TYPES } from '../../requests/activity-life.ts'
import type { Decisions } from '../decisions.ts'
import { isForPatient, languageOf, messageIn } from '../message/message-language.ts'
import type { CompiledPlan } from '../plan/compile-plan.ts'
import type { ConditionTrace } from '../plan/condition.ts'
import type { Followed } from '../schedule/follow-schedule.ts'
import { questionnaireOf } from '../schedule/questionnaire-task.ts'
import { queueOfSilence } from '../silence/silence-clock.ts'
import { followOwnChange, timersOf } from '../task/follow-task.ts'
import { hoursOf } from '../task/staff.ts'
import { isOpen } from '../task/task-status.ts'
import type { OpeningHours } from '../time/opening-hours.ts'
import { triageKey, triageKeyOf } from '../triage.ts'
import type { Language } from '../words/language.ts'
import { type Change, pick } from './change.ts'
import { Clocks } from './clocks.ts'
import { OwnSchedule } from './own-schedule.ts'
import type { PlayGround, StoredVersion } from './play-ground.ts'
import { PatientRecord } from './record.ts'
import { SimulatedTasks } from './simulated-tasks.ts'

/** An active enrolment of the patient's, with the version of the plan that is tried for it. */
export type Enrolment = { carePlan: CarePlan; plan: CompiledPlan }

const REQUEST_TYPES = STEERED_TYPES.filter((type) => type !== 'Task' && type !== 'CarePlan')

/**
 * The patient of a play as they stand at a moment: what is known of them, their Tasks, clocks and schedule, and what becomes of all that by
 * what comes and what is decided. It decides nothing.
 */
export class PlayedPatient {
  now: Date
  readonly ground: PlayGround
  readonly record = new PatientRecord()
  readonly tasks: SimulatedTasks
  readonly clocks: Clocks
  readonly schedule: OwnSchedule
  /** What a plan's `ends-when` came to, each time people changed what it looks at; not when an enrolment began. */
  readonly endings: ConditionTrace['outcome'][] = []
  private readonly triages = new Map<string, ClinicalImpression>()
  /** What was decided in turn, each of which may be heard by rules. */
  private readonly caused: Change[] = []
  private idCount = 0

  /**
   * @param begin     when the play begins
   * @param given     what stood then, everything of the patient's that rules may look at, open Tasks too
   * @param realTasks the Tasks that the engine will really make later, in all their versions
   */
  constructor(ground: PlayGround, begin: Date, given: Resource[], realTasks: Task[]) {
    this.ground = ground
    this.now = begin
    this.tasks = new SimulatedTasks(realTasks, ground, (task) => this.schedule.heed(task))
    this.clocks = new Clocks(ground.clocks)
    const { subject } = ground
    this.schedule = new OwnSchedule({
      ...{ subject, record: this.record, clocks: this.clocks, openTasks: this.tasks.open, newId: this.newId },
      plansOf: this.plansOf,
    })
    for (const resource of given) {
      if (resource.resourceType === 'Task') this.give(resource as unknown as Task)
      else this.record.put(resource)
    }
  }

  readonly carePlans = () => this.record.ofType('CarePlan') as unknown as CarePlan[]
  readonly goals = () => this.record.ofType('Goal') as unknown as Goal[]
  readonly requests = (): Resource[] => REQUEST_TYPES.flatMap((type) => this.record.ofType(type))
  readonly plansOf = (carePlan: CarePlan) => [this.ground.planOf(carePlan)].flatMap((plan) => plan?.definition ?? [])
  readonly newId = (): string => {
    this.idCount += 1
    return `${ID_PREFIX}${this.idCount}`
  }

  enrolments(): Enrolment[] {
    return this.carePlans().flatMap((carePlan) => {
      const plan = carePlan.status === 'active' ? this.ground.planOf(carePlan) : undefined
      return plan ? [{ carePlan, plan }] : []
    })
  }

  /** By which opening hours its clock runs; undefined where it runs by the clock. */
  hoursOf(task: Task): OpeningHours | undefined {
    const queue = queueOfSilence(task, this.carePlans())
    return queue === undefined ? undefined : hoursOf(queue, this.ground.staff)
  }

  /** What was last found of a resource in an enrolment. */
  triageOf({ carePlan, plan }: Enrolment, { resourceType, id }: Resource): ClinicalImpression | undefined {
    return this.triages.get(triageKey(plan.url, carePlan.id, `${resourceType}/${id}`))
  }

  /** What was decided beside Tasks, as it stands now, in the order in which it came to be. */
  written(): Resource[] {
    return this.requests()
      .filter(({ id }) => id?.startsWith(ID_PREFIX))
      .sort((one, other) => countIn(one) - countIn(other))
  }

  /** Somebody has written it. @returns what the engine would hear of it */
  put({ type, id, resource, byEngine, tellsAccess }: StoredVersion): Change[] {
    if (type === 'Task') return resource ? this.tasks.see(resource as unknown as Task, byEngine) : []
    const known = this.record.get(`${type}/${id}`)
    if (byEngine || (!resource && !known)) return []
    const previous = resource ? this.record.put(resource) : this.record.remove(type, id)
    this.schedule.heed((resource ?? previous) as Resource, type)
    const interaction = resource ? (previous ? 'update' : 'create') : 'delete'
    return [
      {
        ...{ type, id, interaction, depth: 0 },
        ...(resource ? { current: resource } : {}),
        ...(previous ? { previous } : {}),
        ...(tellsAccess ? { tellsAccess } : {}),
      },
    ]
  }

  /** What was decided becomes so, and is a change of its own where somebody may hear it. @param depth how many decisions led to it */
  take(decided: Omit<Decisions, 'trace'> | Followed | undefined, depth: number): void {
    if (!decided) return
    for (const { act, task } of decided.tasks) {
      const before = this.tasks.get(String(task.id))
      const previous = before as unknown as Resource | undefined
      if (act === 'create') this.make(task)
      else this.note(before, task)
      if (this.isHeard('Task') || questionnaireOf(task)) this.cause(act, task as unknown as Resource, depth, previous)
    }
    for (const { act, resource: said } of decided.requests ?? []) {
      const resource = act === 'create' && isForPatient(said) ? messageIn(said, this.language) : said
      const previous = resource.resourceType === 'Task' ? undefined : this.record.put(this.stamped(resource))
      this.schedule.heed(resource)
      this.cause(act, this.record.get(`${resource.resourceType}/${resource.id}`) ?? resource, depth, previous)
    }
    for (const timer of decided.timers) this.clocks.keep(timer)
    const { triage } = decided as { triage?: Decisions['triage'] }
    if (triage) this.triages.set(triageKeyOf(triage.impression) ?? '', triage.impression)
  }

  /** What was decided and nobody has looked at yet, one after the other. */
  nextCaused(): Change | undefined {
    return this.caused.shift()
  }

  private cause(act: 'create' | 'update', current: Resource, depth: number, previous?: Resource): void {
    const { resourceType: type, id } = current
    this.caused.push({ ...{ type, id: String(id), interaction: act, depth }, current, ...pick({ previous }) })
  }

  private get language(): Language {
    return languageOf(this.record.get(this.ground.subject))
  }

  private isHeard(type: string): boolean {
    return this.enrolments().some(({ plan }) =>
      plan.listeners.some(({ keys }) => [...keys].some((key) => key.startsWith(`${type} `))),
    )
  }

  private make(task: Task): void {
    this.tasks.make(task, this.now)
    this.startTimers(task)
  }

  private give(task: Task): void {
    this.tasks.give(task)
    if (isOpen(task)) this.startTimers(task)
  }

  private startTimers(task: Task): void {
    for (const timer of timersOf(task, this.now, this.hoursOf(task))) if (timer.act !== 'drop') this.clocks.keep(timer)
  }

  /** What was moved, or closed, is in another silence now, or in none. */
  private note(before: Task | undefined, task: Task): void {
    this.tasks.note(task)
    const facts = { openTasks: this.tasks.open(), hours: this.hoursOf(task), now: this.now }
    const followed = followOwnChange(before, task, facts)
    for (const timer of followed.timers) this.clocks.keep(timer)
    for (const ended of followed.tasks) this.tasks.note(ended.task)
  }

  /** What the store would have said of it. */
  private stamped(resource: Resource): Resource {
    const before = this.record.get(`${resource.resourceType}/${resource.id}`)
    const versionId = String(Number(before?.meta?.versionId ?? 0) + 1)
    return { ...resource, meta: { ...resource.meta, versionId, lastUpdated: this.now.toISOString() } }
  }
}

/** Of what the play makes. */
const ID_PREFIX = 'simulated-'
const countIn = ({ id = '' }: Resource): number => Number(id.slice(ID_PREFIX.length))
