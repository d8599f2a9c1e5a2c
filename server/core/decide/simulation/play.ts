import type { CarePlan, DataRequirement, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { Decisions } from '../decisions.ts'
import type { DataHappening, Happening } from '../happening.ts'
import { limitsOfCarePlan } from '../limits/limits.ts'
import { concernedBy, type LimitsBefore, latestOf, limitsBefore } from '../limits/limits-changed.ts'
import { trendRequirements } from '../limits/trend.ts'
import { sentBy } from '../message/message-life.ts'
import { type CompiledPlan, listenersTo } from '../plan/compile-plan.ts'
import type { ConditionTrace } from '../plan/condition.ts'
import { accessedIn } from '../plan/data-access.ts'
import { inputsAsked } from '../plan/inputs-asked.ts'
import { RINGS } from '../rings.ts'
import { inputsOfStages } from '../stages/stage-inputs.ts'
import { ruleOf } from '../task/finding-task.ts'
import { placeDecided } from '../task/place-decided.ts'
import type { Timer } from '../timer.ts'
import { type Change, pick } from './change.ts'
import { followChange } from './follow-change.ts'
import { keepEnd, ringClosing } from './keep-end.ts'
import type { PlayGround, StoredVersion } from './play-ground.ts'
import { type Enrolment, PlayedPatient } from './played-patient.ts'
import type { ConditionShown, SimulatedTask } from './simulated-tasks.ts'

/** As the engine: how many decisions may follow from each other. */
const DEPTH_MAX = 8
/** A plan whose clocks ring without end is stopped, and said to be so. */
const RING_COUNT_MAX = 200_000

/**
 * One patient's history played through the pure core with another plan, or other limits: the same decisions, clocks, schedules and
 * joining as the engine makes (`server/plans/round.ts`), in memory. What people did is taken from what really happened.
 */
export class Play {
  decisionCount = 0
  /** What each rule asked when it last looked at a resource, by `Observation/1 spo2-red`. */
  private readonly conditionsAsked = new Map<string, ConditionShown[]>()
  private readonly ground: PlayGround
  private readonly patient: PlayedPatient
  private ringCount = 0

  /**
   * @param begin     when the play begins
   * @param given     what stood then, everything of the patient's that rules may look at, open Tasks too
   * @param realTasks the Tasks that the engine will really make later, in all their versions
   */
  constructor(ground: PlayGround, begin: Date, given: Resource[], realTasks: Task[]) {
    this.ground = ground
    this.patient = new PlayedPatient(ground, begin, given, realTasks)
  }

  get made(): ReadonlyMap<string, SimulatedTask> {
    return this.patient.tasks.made
  }

  /** Clocks and schedules of who is followed already. */
  async begin(): Promise<void> {
    for (const carePlan of this.patient.carePlans()) {
      const change: Change = {
        ...{ type: 'CarePlan', id: String(carePlan.id), interaction: 'create', depth: 0 },
        current: carePlan as unknown as Resource,
      }
      this.patient.take(this.patient.schedule.after(change, this.patient.now), 0)
      await this.decideEnrolment(String(carePlan.id))
      if (this.ground.endsByItself) await keepEnd(this.patient, change)
      await this.follow()
    }
  }

  /** What a rule asked when it last looked at a resource; undefined where it was not woken by it. */
  conditionsOf(reference: string, actionId: string): ConditionShown[] | undefined {
    return this.conditionsAsked.get(`${reference} ${actionId}`)
  }

  /** What came at one moment, together: each decision sees all of it, as the engine does with a transaction. */
  async happen(versions: StoredVersion[]): Promise<void> {
    const [first] = versions
    if (!first) return
    await this.ringUntil(first.at)
    this.patient.now = first.at
    const changes = versions.flatMap((version) => this.patient.put(version))
    for (const change of changes) {
      await this.decideAll(change)
      await this.follow()
    }
    await this.sendMessages()
  }

  /** Lets every clock ring that is due until then. */
  async ringUntil(until: Date): Promise<void> {
    for (;;) {
      const timer = this.patient.clocks.next(until)
      if (this.patient.tasks.answerNext(timer?.dueAt ?? until)) continue
      if (!timer) return
      await this.ring(timer)
      await this.sendMessages()
    }
  }

  /** The enrolment as it stands now, of who has one. */
  carePlan(): CarePlan {
    const [carePlan] = this.patient.carePlans()
    if (!carePlan) throw new Error('nobody is enrolled')
    return carePlan
  }

  get isEnrolled(): boolean {
    return this.patient.carePlans().length > 0
  }

  /** Tasks that were not made in it, as they stand now: what others have asked for. */
  get otherTasks(): Task[] {
    return [...this.patient.tasks.others.values()]
  }

  /** What a plan's `ends-when` came to, each time people changed what it looks at. */
  get endings(): readonly ConditionTrace['outcome'][] {
    return this.patient.endings
  }

  /** What was decided beside Tasks, as it stands now, in the order in which it came to be. */
  written(): Resource[] {
    return this.patient.written()
  }

  private async decideAll(change: Change): Promise<void> {
    const { type, id, current, previous, depth, interaction, tellsAccess } = change
    await followChange(this.patient, change)
    if (type === 'CarePlan') await this.decideEnrolment(id)
    if (type === 'Goal' || (type === 'CarePlan' && interaction === 'update')) await this.judgeAnew(change)
    if (depth >= DEPTH_MAX) return
    const accessed = tellsAccess ? accessedIn(current) : []
    for (const reference of accessed) await this.decideAccess(reference, change)
    for (const enrolment of this.patient.enrolments()) {
      const happening: DataHappening = { kind: 'data', interaction, ...pick({ current, previous }) }
      const wanted = this.wantedBy(enrolment, happening)
      if (!wanted) continue
      await this.decideOne(enrolment, happening, { wanted, depth })
    }
  }

  /** Somebody was given something; of its versions the play has the one that stands. What has not come to be was given to nobody. */
  private async decideAccess(reference: string, { current: access, depth }: Change): Promise<void> {
    const [about = '', version] = reference.split('/_history/')
    const current = this.patient.record.get(about)
    if (!current || Number(current.meta?.versionId ?? version) < Number(version)) return
    for (const enrolment of this.patient.enrolments()) {
      const happening: DataHappening = { kind: 'data', interaction: 'access', current, ...(access ? { access } : {}) }
      const wanted = this.wantedBy(enrolment, happening)
      if (!wanted) continue
      await this.decideOne(enrolment, happening, { wanted, depth })
    }
  }

  /** What the rules that it wakes look back at; undefined where none listens to it. */
  private wantedBy({ plan, carePlan }: Enrolment, happening: DataHappening): DataRequirement[] | undefined {
    const { current, previous } = happening
    const isHeard = [current, previous].some((one) => one && listenersTo(plan, one).length > 0)
    if (!isHeard) return undefined
    const { now, record } = this.patient
    const subject = plan.asksForSubject ? record.get(this.ground.subject) : undefined
    const inputs = inputsAsked(plan, { happening, carePlan, subject, now })
    if (current?.resourceType !== 'Observation') return [...inputs, ...alwaysWanted(plan)]
    const limits = [...limitsOfCarePlan(carePlan, this.patient.goals()), ...plan.limits]
    return [...inputs, ...alwaysWanted(plan), ...trendRequirements(limits, current, this.patient.now)]
  }

  private async decideEnrolment(id: string): Promise<void> {
    const carePlan = this.patient.record.get(`CarePlan/${id}`) as unknown as CarePlan | undefined
    if (carePlan?.status !== 'active') {
      this.patient.clocks.keep({ act: 'clear', kind: 'rule', about: `CarePlan/${id}` })
      return
    }
    const plan = this.ground.planOf(carePlan)
    if (!plan) return
    const wanted = [...alwaysWanted(plan), ...inputsOfStages(plan)]
    await this.decideOne({ carePlan, plan }, { kind: 'enrolment' }, { wanted, depth: 0 })
  }

  private async sendMessages(): Promise<void> {
    if (!this.ground.messagesAreSent) return
    const sent = this.patient.record
      .ofType('CommunicationRequest')
      .flatMap((request) => sentBy(request, this.patient.now) ?? [])
    if (sent.length === 0) return
    this.patient.take({ tasks: [], requests: sent.map((resource) => ({ act: 'update', resource })), timers: [] }, 1)
    await this.follow()
  }

  private async judgeAnew(change: Change): Promise<void> {
    const { record, now } = this.patient
    for (const enrolment of this.patient.enrolments()) {
      const { carePlan, plan } = enrolment
      const standing: LimitsBefore = { carePlan, goals: this.patient.goals() }
      const before = limitsBefore(change, change, carePlan, standing.goals)
      if (!before) continue
      const latest = latestOf([before, standing], plan)
      const history = record.recent([latest], now)
      const wanted = [latest, ...plan.listeners.flatMap(({ inputs }) => inputs), ...alwaysWanted(plan)]
      for (const current of concernedBy(before, standing, plan, history, now)) {
        if (!this.patient.triageOf(enrolment, current)) continue
        await this.decideOne(enrolment, { kind: 'limits', current, before }, { wanted, depth: change.depth })
      }
    }
  }

  private async ring(timer: Timer): Promise<void> {
    this.ringCount += 1
    if (this.ringCount > RING_COUNT_MAX) throw new Error(`more than ${RING_COUNT_MAX} clocks would have rung`)
    const { patient } = this
    patient.now = timer.dueAt > patient.now ? timer.dueAt : patient.now
    patient.clocks.takeOut(timer)
    if (timer.kind === 'rule') return this.ringRule(timer)
    if (timer.kind === 'occurrence') {
      patient.take(patient.schedule.ring(timer, patient.now), 1)
      return this.follow()
    }
    if (timer.kind === 'closing') {
      ringClosing(patient, timer)
      return this.follow()
    }
    // Limits are proposed to people, who decide; a simulation has nobody who would.
    if (timer.kind === 'limits-review') return
    const { tasks, record, now, newId, plansOf } = patient
    const about = tasks.get(timer.about.slice('Task/'.length)) ?? record.get(timer.about)
    const decisions = RINGS[timer.kind]?.({
      ...{ timer, plansOf, now, newId },
      ...(about ? { about: about as unknown as Resource } : {}),
      ...{ carePlans: patient.carePlans(), goals: patient.goals(), openTasks: tasks.open() },
    })
    if (decisions) patient.take(decisions, 1)
    await this.follow()
  }

  private async ringRule(timer: Timer): Promise<void> {
    const found = this.patient
      .enrolments()
      .find(({ carePlan, plan }) => `CarePlan/${carePlan.id}` === timer.about && plan.url === timer.plan)
    if (!found) return
    const rung = found.plan.timers.filter(({ name }) => name === timer.name)
    const wanted = [
      ...rung.flatMap(({ rule, since }) => [...rule.inputs, ...(since ? [since] : [])]),
      ...found.plan.lives.flatMap(({ inputs }) => inputs),
    ]
    await this.decideOne(found, { kind: 'timer', timer }, { wanted, depth: 0 })
  }

  private async decideOne(
    enrolment: Enrolment,
    happening: Happening,
    { wanted, depth }: { wanted: DataRequirement[]; depth: number },
  ): Promise<void> {
    const { carePlan, plan } = enrolment
    this.decisionCount += 1
    const looked = lookedAt(happening)
    const triage = looked && this.patient.triageOf(enrolment, looked)
    const { record, now, newId } = this.patient
    const subject = plan.asksForSubject ? record.get(this.ground.subject) : undefined
    const decisions = await this.ground.judge({
      ...{ plan, carePlan, goals: this.patient.goals(), happening, now, newId },
      history: wanted.length > 0 ? record.recent(wanted, now) : [],
      openTasks: this.patient.tasks.open(),
      ...(triage ? { triage } : {}),
      ...(plan.steers ? { requests: this.patient.requests() } : {}),
      ...(subject ? { subject } : {}),
    })
    const isPlaced = plan.asksForStaff && decisions.tasks.some(({ act }) => act === 'create')
    const tasks = isPlaced ? placeDecided(decisions.tasks, plan, this.ground.staff, now).tasks : decisions.tasks
    this.patient.take({ ...decisions, tasks }, depth + 1)
    this.keepConditions(decisions, looked)
    await this.follow()
  }

  private keepConditions({ trace, tasks }: Decisions, looked: Resource | undefined): void {
    for (const { actionId, conditions } of trace) {
      const shown = conditions.map(({ expression, outcome, problem }) => ({
        ...{ expression, outcome },
        ...(problem === undefined ? {} : { problem }),
      }))
      if (looked) this.conditionsAsked.set(`${looked.resourceType}/${looked.id} ${actionId}`, shown)
      for (const { act, task } of tasks) {
        const made =
          act === 'create' && ruleOf(task)?.actionId === actionId ? this.made.get(String(task.id)) : undefined
        if (made) made.conditions = shown
      }
    }
  }

  /** What was decided in turn is a change like any other, until nothing follows any more. */
  private async follow(): Promise<void> {
    for (let change = this.patient.nextCaused(); change; change = this.patient.nextCaused())
      await this.decideAll(change)
  }
}

/** The resource that is judged, where it is one. */
function lookedAt(happening: Happening): Resource | undefined {
  if (happening.kind === 'limits') return happening.current
  return happening.kind === 'data' ? (happening.current ?? happening.previous) : undefined
}

/** Start and stop conditions are asked whatever happens, and so is what clocks wait for. */
const alwaysWanted = (plan: CompiledPlan): DataRequirement[] => [
  ...plan.timers.flatMap(({ since }) => since ?? []),
  ...plan.lives.flatMap(({ inputs }) => inputs),
]
