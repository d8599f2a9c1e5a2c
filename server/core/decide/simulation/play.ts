import type {
  CarePlan,
  ClinicalImpression,
  DataRequirement,
  Goal,
  PlanDefinition,
  QuestionnaireResponse,
  Task,
} from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { STEERED_TYPES } from '../../requests/activity-life.ts'
import { carePlansOf } from '../../requests/same-activity.ts'
import type { Decisions } from '../decisions.ts'
import { ACTIVITY_TYPES, type Activity, followTurn, turnOf } from '../enrolment/enrolment-turn.ts'
import { type Evaluator, evaluateHere } from '../evaluator.ts'
import type { Facts } from '../facts.ts'
import type { Happening } from '../happening.ts'
import { limitsOfCarePlan } from '../limits/limits.ts'
import { concernedBy, type LimitsBefore, latestOf, limitsBefore } from '../limits/limits-changed.ts'
import { trendRequirements } from '../limits/trend.ts'
import { isForPatient, languageOf, messageIn } from '../message/message-language.ts'
import { answeredMessages, followMessage, sentBy } from '../message/message-life.ts'
import { type CompiledPlan, inputsFor } from '../plan/compile-plan.ts'
import { followReferral } from '../referral/follow-referral.ts'
import { referralOf } from '../referral/referral.ts'
import { RINGS } from '../rings.ts'
import { answerForms, isAnswer } from '../schedule/answer-form.ts'
import type { Followed } from '../schedule/follow-schedule.ts'
import { questionnaireOf } from '../schedule/questionnaire-task.ts'
import { endedSilences } from '../silence/follow-silence.ts'
import { followUnsent } from '../silence/not-sent.ts'
import { runningClock, silenceClocksOf } from '../silence/silence-clock.ts'
import { tellsOfUnsent } from '../silence/sync-status.ts'
import { inputsOfStages } from '../stages/stage-inputs.ts'
import { queueOf } from '../task/claim.ts'
import { ruleOf } from '../task/finding-task.ts'
import { followTask, isFollowed, timersOf } from '../task/follow-task.ts'
import { placeDecided } from '../task/place-decided.ts'
import { hoursOf, type Staff } from '../task/staff.ts'
import { isOpen } from '../task/task-status.ts'
import type { OpeningHours } from '../time/opening-hours.ts'
import type { Timer, TimerKind } from '../timer.ts'
import { triageKey, triageKeyOf } from '../triage.ts'
import type { Language } from '../words/language.ts'
import { type Change, pick } from './change.ts'
import { Clocks } from './clocks.ts'
import { OwnSchedule } from './own-schedule.ts'
import { PatientRecord } from './record.ts'
import { type ConditionShown, type SimulatedTask, SimulatedTasks } from './simulated-tasks.ts'

/** One version of a resource of the patient's, as it came. */
export type StoredVersion = {
  type: string
  id: string
  at: Date
  /** Undefined where this version removed it. */
  resource?: Resource
  /** The engine wrote it: what it made is decided anew, what people do with that is a fact. */
  byEngine: boolean
}

export type PlayGround = {
  /** `Patient/1` */
  subject: string
  /** The version of the plan that is tried for an enrolment; undefined for one that the simulation is not about. */
  planOf: (carePlan: CarePlan) => CompiledPlan | undefined
  /** urls of the plan, and of the one in whose place it is tried. */
  urls: ReadonlySet<string>
  /** Decides; see `decide`. Who evaluates the expressions is for the caller to say. */
  judge: (facts: Facts) => Promise<Decisions>
  staff: Staff
  /** Which clocks run; all of them where it is left out. */
  clocks?: ReadonlySet<TimerKind>
  /** Nobody tells how it went with a message: it is taken as sent when it is to be. */
  messagesAreSent?: boolean
  /** What somebody who is referred is referred to. */
  referredTo?: PlanDefinition
  /** Runs what evaluates expressions beside `judge`; left out, that is done here and now. */
  settle?: SettleInPlay
  /** Until when, in milliseconds, a Task lies that nobody really had: what people usually take. */
  answeredAfter: (task: Task) => number
}

/** Gives `work` who evaluates the expressions; it must be pure, for it may be done again. */
export type SettleInPlay = <T>(work: (evaluate: Evaluator) => T) => Promise<T>

/** As the engine: how many decisions may follow from each other. */
const DEPTH_MAX = 8
/** A plan whose clocks ring without end is stopped, and said to be so. */
const RING_COUNT_MAX = 200_000

const REQUEST_TYPES = STEERED_TYPES.filter((type) => type !== 'Task' && type !== 'CarePlan')

type Enrolment = { carePlan: CarePlan; plan: CompiledPlan }

/**
 * One patient's history played through the pure core with another plan, or other limits: the same decisions, clocks, schedules and
 * joining as the engine makes (`server/plans/round.ts`), in memory. What people did is taken from what really happened.
 */
export class Play {
  decisionCount = 0
  /** What each rule asked when it last looked at a resource, by `Observation/1 spo2-red`. */
  private readonly conditionsAsked = new Map<string, ConditionShown[]>()
  private readonly ground: PlayGround
  private readonly record = new PatientRecord()
  private readonly tasks: SimulatedTasks
  private readonly clocks: Clocks
  private readonly schedule: OwnSchedule
  private readonly triages = new Map<string, ClinicalImpression>()
  private idCount = 0
  private ringCount = 0
  private now: Date

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

  private give(task: Task): void {
    this.tasks.give(task)
    if (isOpen(task)) this.startTimers(task)
  }

  get made(): ReadonlyMap<string, SimulatedTask> {
    return this.tasks.made
  }

  /** Clocks and schedules of who is followed already. */
  async begin(): Promise<void> {
    for (const carePlan of this.carePlans()) {
      const change: Change = {
        ...{ type: 'CarePlan', id: String(carePlan.id), interaction: 'create', depth: 0 },
        current: carePlan as unknown as Resource,
      }
      this.take(this.schedule.after(change, this.now), 0)
      await this.decideEnrolment(String(carePlan.id))
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
    this.now = first.at
    const changes = versions.flatMap((version) => this.put(version))
    for (const change of changes) {
      await this.decideAll(change)
      await this.follow()
    }
    await this.sendMessages()
  }

  /** Lets every clock ring that is due until then. */
  async ringUntil(until: Date): Promise<void> {
    for (;;) {
      const timer = this.clocks.next(until)
      if (this.tasks.answerNext(timer?.dueAt ?? until)) continue
      if (!timer) return
      await this.ring(timer)
      await this.sendMessages()
    }
  }

  /** The enrolment as it stands now, of who has one. */
  carePlan(): CarePlan {
    const [carePlan] = this.carePlans()
    if (!carePlan) throw new Error('nobody is enrolled')
    return carePlan
  }

  get isEnrolled(): boolean {
    return this.carePlans().length > 0
  }

  /** Tasks that were not made in it, as they stand now: what others have asked for. */
  get otherTasks(): Task[] {
    return [...this.tasks.others.values()]
  }

  /** What was decided beside Tasks, as it stands now, in the order in which it came to be. */
  written(): Resource[] {
    return REQUEST_TYPES.flatMap((type) => this.record.ofType(type))
      .filter(({ id }) => id?.startsWith(ID_PREFIX))
      .sort((one, other) => countIn(one) - countIn(other))
  }

  private put({ type, id, resource, byEngine }: StoredVersion): Change[] {
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
      },
    ]
  }

  private enrolments(): Enrolment[] {
    return this.carePlans().flatMap((carePlan) => {
      const plan = carePlan.status === 'active' ? this.ground.planOf(carePlan) : undefined
      return plan ? [{ carePlan, plan }] : []
    })
  }

  private async decideAll(change: Change): Promise<void> {
    const { type, id, current, previous, depth, interaction } = change
    this.take(this.schedule.after(change, this.now), depth)
    if (type === 'Task' && depth === 0 && current && isFollowed(current as unknown as Task)) {
      const task = current as unknown as Task
      const facts = { task, openTasks: this.tasks.open(), carePlans: this.carePlans(), hours: this.hoursOf(task) }
      this.take(followTask({ ...facts, at: this.now, now: this.now }), depth)
      await this.followReferral(task, depth)
    }
    for (const about of answeredMessages(current)) this.followMessage(change, about)
    if (isAnswer(current)) {
      this.take({ tasks: answerForms(current, this.tasks.open(), this.now), timers: [] }, depth)
    }
    if ([current, previous].some((one) => one && tellsOfUnsent(one))) this.followUnsent(change)
    if (type === 'CarePlan') {
      this.followTurn(change)
      await this.decideEnrolment(id)
    }
    if (type === 'Goal' || (type === 'CarePlan' && interaction === 'update')) await this.judgeAnew(change)
    if (depth >= DEPTH_MAX) return
    for (const enrolment of this.enrolments()) {
      const wanted = this.wantedBy(enrolment, change)
      if (!wanted) continue
      const happening: Happening = { kind: 'data', interaction, ...pick({ current, previous }) }
      await this.decideOne(enrolment, happening, { wanted, depth })
    }
  }

  private followUnsent({ current, previous, depth }: Change): void {
    const changed = current ?? previous
    if (!changed) return
    const enrolled = this.enrolments().map(({ carePlan, plan }) => ({ carePlan, plan: plan.definition }))
    this.take(
      followUnsent(changed, current !== undefined, { enrolled, openTasks: this.tasks.open(), now: this.now }),
      depth,
    )
  }

  /** What the rules that the change wakes look back at; undefined where it wakes none. */
  private wantedBy({ plan, carePlan }: Enrolment, { current, previous }: Change): DataRequirement[] | undefined {
    const woken = [current, previous].flatMap((one) => (one ? [inputsFor(plan, one)] : []))
    if (!woken.some(({ isHeard }) => isHeard)) return undefined
    const { inputs } = woken[0] ?? { inputs: [] }
    if (current?.resourceType !== 'Observation') return [...inputs, ...alwaysWanted(plan)]
    const limits = [...limitsOfCarePlan(carePlan, this.goals()), ...plan.limits]
    return [...inputs, ...alwaysWanted(plan), ...trendRequirements(limits, current, this.now)]
  }

  private async decideEnrolment(id: string): Promise<void> {
    const carePlan = this.record.get(`CarePlan/${id}`) as unknown as CarePlan | undefined
    if (carePlan?.status !== 'active') {
      this.clocks.keep({ act: 'clear', kind: 'rule', about: `CarePlan/${id}` })
      return
    }
    const plan = this.ground.planOf(carePlan)
    if (!plan) return
    const wanted = [...alwaysWanted(plan), ...inputsOfStages(plan)]
    await this.decideOne({ carePlan, plan }, { kind: 'enrolment' }, { wanted, depth: 0 })
  }

  /** What rests, goes on or ends with an enrolment. */
  private followTurn({ id, current, previous, depth }: Change): void {
    const [before, after] = [previous, current] as unknown as (CarePlan | undefined)[]
    const turn = turnOf(before, after)
    if (!turn || !before) return
    const isBasedOn = (one: Resource | Task) => carePlansOf(one as Resource).includes(`CarePlan/${id}`)
    const changed = followTurn(turn, {
      carePlan: after ?? { ...before, status: 'revoked' },
      activities: ACTIVITY_TYPES.flatMap((type) => this.record.ofType(type)).filter(isBasedOn) as unknown as Activity[],
      openTasks: this.tasks.open().filter(isBasedOn),
      now: this.now,
    })
    const isTask = (one: object): one is Task => (one as Resource).resourceType === 'Task'
    this.take(
      {
        tasks: changed.filter(isTask).map((task) => ({ act: 'update', task })),
        requests: changed
          .filter((one) => !isTask(one) && (after !== undefined || one.resourceType !== 'CarePlan'))
          .map((one) => ({ act: 'update', resource: one as unknown as Resource })),
        timers: [],
      },
      depth + 1,
    )
  }

  /** Somebody tells how it went with a message. */
  private followMessage({ current, depth }: Change, about: string): void {
    const request = this.record.get(about)
    if (!current || !request) return
    const facts = { request, carePlans: this.carePlans(), now: this.now, newId: this.newId }
    this.take(followMessage(current, facts), depth + 1)
  }

  private async sendMessages(): Promise<void> {
    if (!this.ground.messagesAreSent) return
    const sent = this.record.ofType('CommunicationRequest').flatMap((request) => sentBy(request, this.now) ?? [])
    if (sent.length === 0) return
    this.take({ tasks: [], requests: sent.map((resource) => ({ act: 'update', resource })), timers: [] }, 1)
    await this.follow()
  }

  /** A referral, or an answer to one of its questions: as all of them stand now. */
  private async followReferral(task: Task, depth: number): Promise<void> {
    const reference = referralOf(task)
    const referral = this.otherTasks.find(({ id }) => `Task/${id}` === reference)
    if (!referral) return
    const questions = [...this.made.values()].map((one) => one.task).filter((one) => referralOf(one) === reference)
    const answers = new Map(
      this.record.ofType('QuestionnaireResponse').map((one) => [`${one.resourceType}/${one.id}`, one]),
    )
    const facts = {
      ...{ referral, questions, plan: this.ground.referredTo, now: this.now, newId: this.newId },
      answers: answers as unknown as ReadonlyMap<string, QuestionnaireResponse>,
    }
    const { settle = settleHere } = this.ground
    const tasks = await settle((evaluate) => followReferral({ ...facts, evaluate }))
    this.take({ tasks, timers: [] }, depth + 1)
  }

  private async judgeAnew(change: Change): Promise<void> {
    for (const enrolment of this.enrolments()) {
      const { carePlan, plan } = enrolment
      const standing: LimitsBefore = { carePlan, goals: this.goals() }
      const before = limitsBefore(change, change, carePlan, standing.goals)
      if (!before) continue
      const latest = latestOf([before, standing], plan)
      const history = this.record.recent([latest], this.now)
      const wanted = [latest, ...plan.listeners.flatMap(({ inputs }) => inputs), ...alwaysWanted(plan)]
      for (const current of concernedBy(before, standing, plan, history, this.now)) {
        if (!this.triages.has(triageKey(plan.url, carePlan.id, `${current.resourceType}/${current.id}`))) continue
        await this.decideOne(enrolment, { kind: 'limits', current, before }, { wanted, depth: change.depth })
      }
    }
  }

  private async ring(timer: Timer): Promise<void> {
    this.ringCount += 1
    if (this.ringCount > RING_COUNT_MAX) throw new Error(`more than ${RING_COUNT_MAX} clocks would have rung`)
    this.now = timer.dueAt > this.now ? timer.dueAt : this.now
    this.clocks.takeOut(timer)
    if (timer.kind === 'rule') return this.ringRule(timer)
    if (timer.kind === 'occurrence') {
      this.take(this.schedule.ring(timer, this.now), 1)
      return this.follow()
    }
    // Limits are proposed to people, who decide; a simulation has nobody who would.
    if (timer.kind === 'limits-review') return
    const about = this.tasks.get(timer.about.slice('Task/'.length)) ?? this.record.get(timer.about)
    const decisions = RINGS[timer.kind]?.({
      timer,
      ...(about ? { about: about as unknown as Resource } : {}),
      ...{ carePlans: this.carePlans(), goals: this.goals(), openTasks: this.tasks.open() },
      plansOf: this.plansOf,
      now: this.now,
      newId: this.newId,
    })
    if (decisions) this.take(decisions, 1)
    await this.follow()
  }

  private async ringRule(timer: Timer): Promise<void> {
    const found = this.enrolments().find(
      ({ carePlan, plan }) => `CarePlan/${carePlan.id}` === timer.about && plan.url === timer.plan,
    )
    if (!found) return
    const rung = found.plan.timers.filter(({ name }) => name === timer.name)
    const wanted = [
      ...rung.flatMap(({ rule, since }) => [...rule.inputs, ...(since ? [since] : [])]),
      ...found.plan.lives.flatMap(({ inputs }) => inputs),
    ]
    await this.decideOne(found, { kind: 'timer', timer }, { wanted, depth: 0 })
  }

  private async decideOne(
    { carePlan, plan }: Enrolment,
    happening: Happening,
    { wanted, depth }: { wanted: DataRequirement[]; depth: number },
  ): Promise<void> {
    this.decisionCount += 1
    const looked =
      happening.kind === 'limits'
        ? happening.current
        : happening.kind === 'data'
          ? (happening.current ?? happening.previous)
          : undefined
    const triage = looked && this.triages.get(triageKey(plan.url, carePlan.id, `${looked.resourceType}/${looked.id}`))
    const subject = plan.asksForSubject ? this.record.get(this.ground.subject) : undefined
    const decisions = await this.ground.judge({
      ...{ plan, carePlan, goals: this.goals(), happening },
      history: wanted.length > 0 ? this.record.recent(wanted, this.now) : [],
      openTasks: this.tasks.open(),
      ...(triage ? { triage } : {}),
      ...(plan.steers ? { requests: REQUEST_TYPES.flatMap((type) => this.record.ofType(type)) } : {}),
      ...(subject ? { subject } : {}),
      now: this.now,
      newId: this.newId,
    })
    const isPlaced = plan.asksForStaff && decisions.tasks.some(({ act }) => act === 'create')
    const tasks = isPlaced ? placeDecided(decisions.tasks, plan, this.ground.staff, this.now).tasks : decisions.tasks
    this.take({ ...decisions, tasks }, depth + 1)
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

  /** What was decided in turn, each of which may be heard by rules. */
  private readonly caused: Change[] = []

  private async follow(): Promise<void> {
    for (let change = this.caused.shift(); change; change = this.caused.shift()) await this.decideAll(change)
  }

  private take(decided: Omit<Decisions, 'trace'> | Followed | undefined, depth: number): void {
    if (!decided) return
    for (const { act, task } of decided.tasks) {
      const previous = this.tasks.get(String(task.id)) as unknown as Resource | undefined
      if (act === 'create') this.make(task)
      else this.tasks.note(task)
      if (act === 'update' && !isOpen(task)) this.endSilences(task)
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

  private startTimers(task: Task): void {
    for (const timer of timersOf(task, this.now, this.hoursOf(task))) if (timer.act !== 'drop') this.clocks.keep(timer)
  }

  /** What is closed is silent no more. */
  private endSilences(task: Task): void {
    if (silenceClocksOf(task).length === 0) return
    for (const timer of timersOf(task, this.now)) this.clocks.keep(timer)
    for (const ended of endedSilences(task, this.tasks.open(), this.now)) this.tasks.note(ended.task)
  }

  private hoursOf(task: Task): OpeningHours | undefined {
    if (runningClock(task)?.calendar !== 'opening-hours') return undefined
    return hoursOf((queueOf(task) ?? task.owner)?.reference, this.ground.staff)
  }

  /** What the store would have said of it. */
  private stamped(resource: Resource): Resource {
    const before = this.record.get(`${resource.resourceType}/${resource.id}`)
    const versionId = String(Number(before?.meta?.versionId ?? 0) + 1)
    return { ...resource, meta: { ...resource.meta, versionId, lastUpdated: this.now.toISOString() } }
  }

  private readonly newId = (): string => {
    this.idCount += 1
    return `${ID_PREFIX}${this.idCount}`
  }

  private readonly carePlans = () => this.record.ofType('CarePlan') as unknown as CarePlan[]
  private readonly goals = () => this.record.ofType('Goal') as unknown as Goal[]
  private readonly plansOf = (carePlan: CarePlan) =>
    [this.ground.planOf(carePlan)].flatMap((plan) => plan?.definition ?? [])
}

const settleHere: SettleInPlay = async (work) => work(evaluateHere)

/** Of what the play makes. */
const ID_PREFIX = 'simulated-'
const countIn = ({ id = '' }: Resource): number => Number(id.slice(ID_PREFIX.length))

/** Start and stop conditions are asked whatever happens, and so is what clocks wait for. */
const alwaysWanted = (plan: CompiledPlan): DataRequirement[] => [
  ...plan.timers.flatMap(({ since }) => since ?? []),
  ...plan.lives.flatMap(({ inputs }) => inputs),
]
