import type { CarePlan, ClinicalImpression, DataRequirement, Task } from '@medplum/fhirtypes'
import type { Tx } from '../db/pool.ts'
import { afterFinding } from '../decide/burden/step-down.ts'
import type { RequestDecision } from '../decide/carry-out.ts'
import { queueOf } from '../decide/claim.ts'
import { type CompiledPlan, inputsFor } from '../decide/compile-plan.ts'
import { keepAdvice } from '../decide/conflicting-advice.ts'
import { type Decisions, decide, type Facts, type Happening } from '../decide/decide.ts'
import { type DecisionRow, keepInputs } from '../decide/decision-record.ts'
import { ruleOf } from '../decide/finding-task.ts'
import { followTask, isFollowed, timersOf } from '../decide/follow-task.ts'
import { limitsOfCarePlan } from '../decide/limits.ts'
import { type Changed, concernedBy, hasOtherLimits, latestOf, limitsBefore } from '../decide/limits-changed.ts'
import { limitsProvenance } from '../decide/limits-provenance.ts'
import { type ReviewFacts, review, reviewRequirements, reviewTimers } from '../decide/limits-review/review.ts'
import type { OpeningHours } from '../decide/opening-hours.ts'
import { placeDecided } from '../decide/place-decided.ts'
import type { Rings } from '../decide/ring.ts'
import { endedSilences } from '../decide/silence/follow-silence.ts'
import { followUnsent } from '../decide/silence/not-sent.ts'
import { runningClock, silenceClocksOf } from '../decide/silence/silence-clock.ts'
import { tellsOfUnsent } from '../decide/silence/sync-status.ts'
import { hoursOf, type Staff } from '../decide/staff.ts'
import { isOpen } from '../decide/task-status.ts'
import type { TimerDecision } from '../decide/timer.ts'
import { trendRequirements } from '../decide/trend.ts'
import { triageKey, triageKeyOf } from '../decide/triage.ts'
import { unhandledTask, unknownPlanTask } from '../decide/trouble-task.ts'
import type { Settle } from '../expressions/expressions.ts'
import type { Resource } from '../fhir/resource.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import { STEERED_TYPES } from '../requests/activity-life.ts'
import type { Store } from '../store/store.ts'
import { coreStamp } from './core-stamp.ts'
import { partitionOf } from './cursor.ts'
import { groundOfDecision } from './decision-ground.ts'
import { writeDecisions, writeSetAside } from './decision-table.ts'
import {
  readAbout,
  readChanged,
  readHistory,
  readProven,
  readStanding,
  readTriages,
  type Standing,
  type Wanted,
} from './facts.ts'
import { Noted, type Written } from './noted.ts'
import { describe, isHeardOf, type Occurrence, patientOf } from './occurrence.ts'
import { type PlanBook, plansOf } from './plan-book.ts'
import { RepeatableIds } from './repeatable-ids.ts'
import { digestOf } from './replay.ts'
import { SCHEDULE_TYPES, ScheduleRound } from './schedule-round.ts'
import { readStaff } from './staff.ts'
import { isNoted, noTimerChanges, noteTimer, type PlacedTimer, writeTimers } from './timers.ts'

/** How many engine decisions may follow from each other before the engine stops listening to itself. */
export const DEPTH_MAX = 8
/** What a plan may touch beside Tasks, which are always read, and the CarePlan itself. */
const REQUEST_TYPES = STEERED_TYPES.filter((type) => type !== 'Task' && type !== 'CarePlan')
/** Start and stop conditions are asked whatever happens, so what they look at is always there. */
const inputsOfLives = (plan: CompiledPlan): DataRequirement[] => plan.lives.flatMap(({ inputs }) => inputs)

/** A timer that could not be handled rings again after this. */
export const TIMER_RETRY_MILLISECONDS = 3_600_000

export type RoundRooms = {
  store: Pick<Store, 'writeIn' | 'newId' | 'newIdFor'>
  tx: Tx
  book: PlanBook
  rings: Rings
  now: Date
  /** Who evaluates the expressions of the plans. */
  settle: Settle
  /** Events that may have been read before, in another database: what they led to is looked for. */
  readBefore?: ReadonlySet<FeedEvent>
}
type Enrolment = { carePlan: CarePlan; plan: CompiledPlan }

/** The work of one transaction: facts for all of it are read together, decided one by one in order, and written together. */
export class Round {
  private readonly store: RoundRooms['store']
  private readonly tx: Tx
  private readonly book: PlanBook
  private readonly rings: Rings
  private readonly now: Date
  private readonly settle: Settle
  private readonly readBefore: ReadonlySet<FeedEvent>
  private readonly noted = new Noted()
  private readonly timers = noTimerChanges()
  private readonly decisions: DecisionRow[] = []
  private standing = new Map<string, Standing>()
  private history = new Map<string, Resource[]>()
  private about = new Map<string, Resource>()
  private triages = new Map<string, ClinicalImpression>()
  private staff: Staff | undefined
  private proven = new Set<string>()
  private readonly schedules: ScheduleRound

  constructor({ store, tx, book, rings, now, settle, readBefore = new Set() }: RoundRooms) {
    this.settle = settle
    this.readBefore = readBefore
    this.store = store
    this.tx = tx
    this.book = book
    this.rings = rings
    this.now = now
    this.schedules = new ScheduleRound({ tx, book, now })
  }

  async handle(occurrences: Occurrence[]): Promise<void> {
    const { tx } = this
    const types = new Set([...this.book.types, ...SCHEDULE_TYPES, 'Goal', 'Basic'])
    const concerned = occurrences.filter((occurrence) => isHeardOf(occurrence, types))
    const patients = patientsOf(concerned)
    if (concerned.length === 0) return
    this.standing = await readStanding(tx, patients, ['CarePlan'])
    await this.schedules.readRunning(patients)
    // Most measurements may be of people that no plan follows: nothing more is read for them.
    const followed = concerned.filter(
      (o) =>
        o.kind === 'timer' ||
        o.event.type === 'Task' ||
        this.schedules.mayConcern(o.event) ||
        this.enrolments(patientOf(o)).length > 0,
    )
    const events = followed.flatMap((occurrence) => (occurrence.kind === 'event' ? [occurrence.event] : []))
    const changed = new Map((await readChanged(tx, events)).map((one, i) => [events[i], one]))
    const heard = followed.filter((o) => o.kind === 'timer' || this.isHeard(o.event, changed.get(o.event)))
    await this.readFacts(heard, changed)
    for (const occurrence of heard) {
      const about = occurrence.kind === 'event' ? (changed.get(occurrence.event) ?? {}) : {}
      try {
        await this.decideAll(occurrence, about)
      } catch (error) {
        await this.setAside(occurrence, error instanceof Error ? error : new Error(String(error)))
      }
      if (occurrence.kind === 'timer') this.forget(occurrence.timer)
    }
  }

  private enrolments(patient: string): Enrolment[] {
    return (this.standing.get(patient)?.carePlans ?? [])
      .filter(({ status }) => status === 'active')
      .flatMap((carePlan) => plansOf(carePlan, this.book).plans.map((plan) => ({ carePlan, plan })))
  }

  private isHeard(event: FeedEvent, changed: Changed | undefined): boolean {
    if (event.type === 'Goal' || isWork(event, changed) || this.schedules.isConcerned(event, changed ?? {})) return true
    if (event.patient !== null && isNewsOfUnsent(changed)) return true
    const resources = [changed?.current, changed?.previous].filter((resource) => resource !== undefined)
    return this.enrolments(event.patient ?? '').some(({ plan }) =>
      resources.some((resource) => inputsFor(plan, resource).isHeard),
    )
  }

  /** Goals, open Tasks and what the woken rules look back at, for all patients of the round in two queries. */
  private async readFacts(heard: Occurrence[], changed: Map<FeedEvent | undefined, Changed>): Promise<void> {
    const patients = patientsOf(heard)
    const types = [
      ...['Goal', 'Task'],
      ...(this.book.asksForSubject ? ['Patient'] : []),
      ...(this.book.steers ? REQUEST_TYPES : []),
    ]
    for (const [patient, standing] of await readStanding(this.tx, patients, types)) {
      const carePlans = this.standing.get(patient)?.carePlans ?? []
      this.standing.set(patient, { ...standing, carePlans, tasks: standing.tasks.filter(isOpen) })
    }
    const wanted = heard.flatMap((occurrence) => this.wantedBy(occurrence, changed))
    const once = new Map(wanted.map((one) => [`${one.patient} ${JSON.stringify(one.requirement)}`, one]))
    this.history = await readHistory(this.tx, [...once.values()], this.now)
    const keys = heard.flatMap((occurrence) => this.triageKeys(occurrence, changed))
    this.triages = await readTriages(this.tx, [...new Set(keys)])
    await this.schedules.readFacts(heard, changed, this.standing)
    const goals = heard.filter((one) => one.kind === 'event' && one.event.type === 'Goal')
    this.proven = await readProven(this.tx, goals.map(describe))
    const timers = heard.flatMap((occurrence) => (occurrence.kind === 'timer' ? [occurrence.timer] : []))
    this.about = await readAbout(
      this.tx,
      timers.filter(({ kind }) => kind !== 'rule').map(({ about }) => about),
    )
  }

  /** Which earlier triages may be changed: of what is not new, and of what new limits are held against. */
  private triageKeys(occurrence: Occurrence, changed: Map<FeedEvent | undefined, Changed>): string[] {
    if (occurrence.kind === 'timer') return []
    const { event } = occurrence
    return this.enrolments(patientOf(occurrence)).flatMap((enrolment) => {
      const concerned = this.concernedBy(event, changed.get(event) ?? {}, enrolment).map(
        ({ id }) => `Observation/${id}`,
      )
      const known = event.interaction !== 'create' || this.readBefore.has(event) ? [`${event.type}/${event.id}`] : []
      return [...concerned, ...known].map((about) => triageKey(enrolment.plan.url, enrolment.carePlan.id, about))
    })
  }

  /** The measurements that the event, a change of limits, makes worth another look. */
  private concernedBy(event: FeedEvent, changed: Changed, { carePlan, plan }: Enrolment): Resource[] {
    const patient = event.patient ?? ''
    const goals = this.standing.get(patient)?.goals ?? []
    const before = limitsBefore(event, changed, carePlan, goals)
    return before ? concernedBy(before, { carePlan, goals }, plan, this.history.get(patient) ?? [], this.now) : []
  }

  private wantedBy(occurrence: Occurrence, changed: Map<FeedEvent | undefined, Changed>): Wanted[] {
    const patient = patientOf(occurrence)
    const requirements = this.enrolments(patient).flatMap(({ plan, carePlan }): DataRequirement[] => {
      if (occurrence.kind === 'timer') {
        const { kind, name } = occurrence.timer
        if (kind === 'limits-review') return plan.url === occurrence.timer.plan ? reviewRequirements(plan) : []
        if (kind !== 'rule') return []
        const rung = plan.timers.filter(({ rule }) => rule.id === name)
        return [
          ...rung.flatMap(({ rule, since }) => [...rule.inputs, ...(since ? [since] : [])]),
          ...inputsOfLives(plan),
        ]
      }
      const { event } = occurrence
      const since = [...plan.timers.flatMap((timer) => timer.since ?? []), ...inputsOfLives(plan)]
      const goals = this.standing.get(patient)?.goals ?? []
      if (changesLimits(event)) {
        const before = limitsBefore(event, changed.get(event) ?? {}, carePlan, goals)
        const latest = latestOf([...(before ? [before] : []), { carePlan, goals }], plan)
        return [latest, ...plan.listeners.flatMap(({ inputs }) => inputs), ...since]
      }
      if (event.type === 'CarePlan') return since
      const { current, previous } = changed.get(event) ?? {}
      const about = current ?? previous
      if (!about) return []
      const limits = [...limitsOfCarePlan(carePlan, goals), ...plan.limits]
      const trends = current?.resourceType === 'Observation' ? trendRequirements(limits, current, this.now) : []
      return [...inputsFor(plan, about).inputs, ...inputsOfLives(plan), ...trends]
    })
    return requirements.map((requirement) => ({ patient, requirement }))
  }

  private async decideAll(occurrence: Occurrence, changed: Changed): Promise<void> {
    const patient = patientOf(occurrence)
    const facts = { openTasks: this.openTasks(patient), newId: () => this.newId(patient) }
    const followed = this.schedules.decide(occurrence, changed, facts)
    if (followed) await this.take(followed, occurrence)
    if (occurrence.kind === 'event' && isWork(occurrence.event, changed)) {
      await this.follow(occurrence, occurrence.event, changed)
    }
    if (occurrence.kind === 'timer') {
      await this.ring(occurrence, occurrence.timer)
      return
    }
    const { event } = occurrence
    if (isNewsOfUnsent(changed)) await this.followUnsent(occurrence, changed)
    if (event.type === 'CarePlan') await this.decideEnrolment(occurrence, event)
    if (changesLimits(event)) await this.judgeAnew(occurrence, event, changed)
    if (event.type === 'Goal' || event.type === 'CarePlan') this.keepReviews(occurrence)
    if (event.type === 'CarePlan') await this.keepAdvice(occurrence)
    if (event.type === 'Goal') this.proveLimits(event, changed)
    // An outside plan may listen to CarePlans too; the engine's own long chains end here.
    if (!this.book.types.has(event.type) || event.depth >= DEPTH_MAX) return
    const happening: Happening = { kind: 'data', interaction: event.interaction, ...changed }
    for (const enrolment of this.enrolments(patient)) await this.decideOne(enrolment, happening, occurrence)
  }

  /** A Task that somebody else has made or changed. */
  private async follow(occurrence: Occurrence, event: FeedEvent, { current }: Changed): Promise<void> {
    const patient = patientOf(occurrence)
    const task = current as unknown as Task
    const facts = {
      task,
      openTasks: this.openTasks(patient),
      carePlans: this.standing.get(patient)?.carePlans ?? [],
      at: new Date(Math.min(event.recorded_at.getTime(), this.now.getTime())),
      hours: await this.hoursOf(task),
      now: this.now,
    }
    await this.take(followTask(facts), occurrence)
  }

  /** A device has told what it has not sent, or a result was announced or has come. */
  private async followUnsent(occurrence: Occurrence, { current, previous }: Changed): Promise<void> {
    const patient = patientOf(occurrence)
    const changed = current ?? previous
    if (!changed) return
    const enrolled = this.enrolments(patient).map(({ carePlan, plan }) => ({ carePlan, plan: plan.definition }))
    const facts = { enrolled, openTasks: this.openTasks(patient), now: this.now }
    await this.take(followUnsent(changed, current !== undefined, facts), occurrence)
  }

  /** Whether the plans that the patient is in now contradict each other. */
  private async keepAdvice(occurrence: Occurrence): Promise<void> {
    const patient = patientOf(occurrence)
    const facts = { openTasks: this.openTasks(patient), now: this.now, newId: () => this.newId(patient) }
    const tasks = keepAdvice({ ...facts, advised: this.enrolments(patient) })
    if (tasks.length > 0) await this.take({ tasks, timers: [] }, occurrence)
  }

  /** When the limits of each enrolment are next looked at, and when the first of the person's own ends. */
  private keepReviews(occurrence: Occurrence): void {
    const patient = patientOf(occurrence)
    for (const enrolment of this.enrolments(patient)) {
      for (const timer of reviewTimers(this.reviewFacts(enrolment, patient))) this.noteTimer(timer, occurrence)
    }
  }

  private reviewFacts({ carePlan, plan }: Enrolment, patient: string): ReviewFacts {
    return {
      ...{ carePlan, plan, now: this.now, newId: () => this.newId(patient) },
      goals: this.standing.get(patient)?.goals ?? [],
      history: this.history.get(patient) ?? [],
      openTasks: this.openTasks(patient),
    }
  }

  /** The opening hours of who has a Task, where a silence of it is counted by them. */
  private async hoursOf(task: Task): Promise<OpeningHours | undefined> {
    if (runningClock(task)?.calendar !== 'opening-hours') return undefined
    this.staff ??= await readStaff(this.tx, this.now)
    return hoursOf((queueOf(task) ?? task.owner)?.reference, this.staff)
  }

  /** Other limits: what was judged by the old ones, and is still the latest of its kind, is judged by the new ones. */
  private async judgeAnew(occurrence: Occurrence, event: FeedEvent, changed: Changed): Promise<void> {
    const goals = this.standing.get(event.patient ?? '')?.goals ?? []
    for (const enrolment of this.enrolments(patientOf(occurrence))) {
      const before = limitsBefore(event, changed, enrolment.carePlan, goals)
      for (const current of before ? this.concernedBy(event, changed, enrolment) : []) {
        if (before && this.triageOf(enrolment, current)) {
          await this.decideOne(enrolment, { kind: 'limits', current, before }, occurrence)
        }
      }
    }
  }

  /** Who set limits by writing the Goal itself is told too; why, only they could say. */
  private proveLimits(event: FeedEvent, changed: Changed): void {
    const { id, version, actor, recorded_at, patient } = event
    const goal = `Goal/${id}/_history/${version}`
    if (this.proven.has(goal) || !hasOtherLimits(changed)) return
    const before = changed.previous ? { before: `Goal/${id}/_history/${version - 1}` } : {}
    const subject = patient ? `Patient/${patient}` : undefined
    const provenance = limitsProvenance({ goal, subject, ...before, actor, at: recorded_at })
    this.noted.note('create', { ...provenance, id: this.newId(patient ?? '') } as unknown as Resource, event.depth + 1)
  }

  private triageOf({ carePlan, plan }: Enrolment, about: Resource): ClinicalImpression | undefined {
    return this.triages.get(triageKey(plan.url, carePlan.id, `${about.resourceType}/${about.id}`))
  }

  private async ring(occurrence: Occurrence, timer: PlacedTimer): Promise<void> {
    const patient = patientOf(occurrence)
    if (timer.kind === 'rule' || timer.kind === 'limits-review') {
      const enrolments = this.enrolments(patient).filter(
        ({ carePlan, plan }) => `CarePlan/${carePlan.id}` === timer.about && plan.url === timer.plan,
      )
      if (timer.kind === 'limits-review') {
        for (const enrolment of enrolments)
          await this.take(review(timer, this.reviewFacts(enrolment, patient)), occurrence)
        return
      }
      for (const enrolment of enrolments) await this.decideOne(enrolment, { kind: 'timer', timer }, occurrence)
      return
    }
    if (timer.kind === 'occurrence') return
    // What was found in this round has set it anew.
    if (timer.kind === 'step-down' && isNoted(this.timers, timer)) return
    const decisions = this.rings[timer.kind]?.({
      timer,
      about: this.about.get(timer.about),
      carePlans: this.standing.get(patient)?.carePlans ?? [],
      goals: this.standing.get(patient)?.goals ?? [],
      openTasks: this.openTasks(patient),
      plansOf: (carePlan) => plansOf(carePlan, this.book).plans.map(({ definition }) => definition),
      now: this.now,
      newId: () => this.newId(patient),
    })
    if (decisions) await this.take(decisions, occurrence)
  }

  /** A timer that rang and was not set again is done: its enrolment has ended, or it was for one moment only. */
  private forget(timer: PlacedTimer): void {
    if (!isNoted(this.timers, timer)) noteTimer(this.timers, { act: 'drop', timer }, timer)
  }

  /** The CarePlan as it stands now decides, not the version of the event: a later event then finds nothing left to do. */
  private async decideEnrolment(occurrence: Occurrence, event: FeedEvent): Promise<void> {
    const carePlan = this.standing.get(patientOf(occurrence))?.carePlans.find(({ id }) => id === event.id)
    if (carePlan?.status !== 'active') {
      this.noteTimer({ act: 'clear', kind: 'rule', about: `CarePlan/${event.id}` }, occurrence)
      return
    }
    const { plans, missing } = plansOf(carePlan, this.book)
    for (const plan of plans) await this.decideOne({ carePlan, plan }, { kind: 'enrolment' }, occurrence)
    const patient = patientOf(occurrence)
    for (const canonical of missing) {
      const task = unknownPlanTask(this.newId(patient), carePlan, canonical, this.now)
      const known = this.openTasks(patient).some((open) => open.identifier?.[0]?.value === task.identifier?.[0]?.value)
      if (!known) this.note({ act: 'create', task }, patient, event.depth + 1)
    }
  }

  private async decideOne(enrolment: Enrolment, happening: Happening, from: Occurrence): Promise<void> {
    const { carePlan, plan } = enrolment
    const patient = patientOf(from)
    const standing = this.standing.get(patient)
    const ids = new RepeatableIds(() => this.newId(patient))
    const about = happening.kind === 'data' ? (happening.current ?? happening.previous) : undefined
    const looked = happening.kind === 'limits' ? happening.current : about
    const triage = looked && this.triageOf(enrolment, looked)
    const facts: Facts = {
      plan,
      carePlan,
      goals: standing?.goals ?? [],
      happening,
      history: this.history.get(patient) ?? [],
      openTasks: this.openTasks(patient),
      ...(triage ? { triage } : {}),
      ...(plan.steers ? { requests: standing?.requests ?? [] } : {}),
      subject: standing?.patient,
      now: this.now,
      newId: ids.fromStart(),
    }
    const decisions = await this.settle(
      (evaluate) => decide({ ...facts, newId: ids.fromStart(), evaluate }),
      groundOfDecision(this.book.cql.get(plan.canonical), facts),
    )
    // Before the Tasks are noted: what this round has changed already was seen as it was then. A decision in which no rule was
    // woken looked at nothing but the enrolment.
    if (decisions.trace.length > 0 || decisions.tasks.length > 0 || decisions.requests || decisions.triage) {
      this.decisions.push(this.rowOf(decisions, facts, ids.used, from))
    }
    await this.take({ ...decisions, tasks: await this.placed(decisions.tasks, plan) }, from)
    const steps = this.schedules.steps.get(patient) ?? []
    if (steps.length > 0 && decisions.tasks.some(({ task }) => isDeterioration(task))) {
      for (const timer of afterFinding(steps, this.now)) this.noteTimer(timer, from)
    }
  }

  /** New Tasks go to who is at work now. Read once, and only when a plan asks for it. */
  private async placed(tasks: Decisions['tasks'], plan: CompiledPlan): Promise<Decisions['tasks']> {
    if (!plan.asksForStaff || !tasks.some(({ act }) => act === 'create')) return tasks
    this.staff ??= await readStaff(this.tx, this.now)
    const placed = placeDecided(tasks, plan, this.staff, this.now)
    this.staff = placed.staff
    return placed.tasks
  }

  private async take(decisions: Omit<Decisions, 'trace'>, from: Occurrence): Promise<void> {
    const depth = from.kind === 'event' ? from.event.depth + 1 : 1
    for (const decided of decisions.tasks) {
      this.note(decided, patientOf(from), depth)
      await this.followDecided(decided, from)
    }
    for (const decided of decisions.requests ?? []) this.noteRequest(decided, patientOf(from), depth)
    for (const timer of decisions.timers) this.noteTimer(timer, from)
    if (decisions.triage) {
      const { act, impression } = decisions.triage
      this.noted.note(act, impression as unknown as Resource, depth)
      this.triages.set(triageKeyOf(impression) ?? '', impression)
    }
  }

  /** What the engine has made gets its timers; what it has closed is silent no more. */
  private async followDecided({ act, task }: Decisions['tasks'][number], from: Occurrence): Promise<void> {
    if (act === 'create') {
      const timers = timersOf(task, this.now, await this.hoursOf(task))
      for (const timer of timers) if (timer.act !== 'drop') this.noteTimer(timer, from)
      return
    }
    if (isOpen(task) || silenceClocksOf(task).length === 0) return
    for (const timer of timersOf(task, this.now)) this.noteTimer(timer, from)
    const patient = patientOf(from)
    const depth = from.kind === 'event' ? from.event.depth + 1 : 1
    for (const ended of endedSilences(task, this.openTasks(patient), this.now)) this.note(ended, patient, depth)
  }

  private noteTimer(decision: TimerDecision, from: Occurrence): void {
    const partition = from.kind === 'timer' ? from.timer.partition : partitionOf(from.event.bucket)
    noteTimer(this.timers, decision, { patient: patientOf(from) || undefined, partition })
  }

  /** A Task that is made and joined within one round is written once, as it is at its end. */
  private note({ act, task }: Decisions['tasks'][number], patient: string, depth: number): void {
    this.noted.note(act, task as unknown as Resource, depth)
    const standing = this.standing.get(patient) ?? { carePlans: [], goals: [], tasks: [], requests: [] }
    const others = standing.tasks.filter(({ id }) => id !== task.id)
    this.standing.set(patient, { ...standing, tasks: isOpen(task) ? [...others, task] : others })
  }

  private noteRequest({ act, resource }: RequestDecision, patient: string, depth: number): void {
    this.noted.note(act, resource, depth)
    const standing = this.standing.get(patient) ?? { carePlans: [], goals: [], tasks: [], requests: [] }
    const others = standing.requests.filter(
      ({ resourceType, id }) => resourceType !== resource.resourceType || id !== resource.id,
    )
    this.standing.set(patient, { ...standing, requests: [...others, resource] })
  }

  private readonly openTasks = (patient: string): Task[] => this.standing.get(patient)?.tasks ?? []

  private newId(patient: string): string {
    return patient === '' ? this.store.newId({ resourceType: 'Task' }) : this.store.newIdFor(patient)
  }

  /** A fault of ours, or facts that nobody foresaw: the feed goes on, and the team is told. */
  async setAside(occurrence: Occurrence, error: Error): Promise<void> {
    const patient = patientOf(occurrence)
    if (patient !== '' && !this.standing.has(patient)) {
      const types = ['CarePlan', 'Goal', 'Task']
      for (const [id, standing] of await readStanding(this.tx, [patient], types)) this.standing.set(id, standing)
    }
    for (const enrolment of this.enrolments(patient)) {
      const task = unhandledTask(this.newId(patient), enrolment, describe(occurrence), error, this.now)
      this.note({ act: 'create', task }, patient, 1)
    }
    await writeSetAside(this.tx, occurrence, error, this.now)
    if (occurrence.kind === 'timer') {
      const dueAt = new Date(this.now.getTime() + TIMER_RETRY_MILLISECONDS)
      this.noteTimer({ act: 'set', timer: { ...occurrence.timer, dueAt } }, occurrence)
    }
  }

  private rowOf(decisions: Decisions, facts: Facts, ids: string[], from: Occurrence): DecisionRow {
    return {
      decided_at: this.now.toISOString(),
      patient: patientOf(from),
      care_plan: String(facts.carePlan.id),
      plan: facts.plan.canonical,
      happening: describe(from),
      tasks: changedIds(decisions),
      ...(changedIds(decisions).length > 0 ? { trace: decisions.trace } : {}),
      inputs: keepInputs(facts, ids, (resource) => !this.noted.has(resource)),
      digest: digestOf(decisions),
      core: coreStamp(),
    }
  }

  /** @returns how much was decided, and what was written */
  async commit(): Promise<{ decisionCount: number; taskCount: number; written: Written[] }> {
    const written = await this.noted.write(this.store, this.tx)
    await writeTimers(this.tx, this.timers)
    await writeDecisions(this.tx, this.decisions)
    const taskCount = written.filter(({ resource }) => resource.resourceType === 'Task').length
    return { decisionCount: this.decisions.length, taskCount, written }
  }
}

const patientsOf = (occurrences: Occurrence[]) => [...new Set(occurrences.map(patientOf))].filter((id) => id !== '')

/** A Task that others than the engine have changed, and that there is something to follow of. */
const isWork = ({ type, depth }: FeedEvent, changed: Changed | undefined): boolean =>
  type === 'Task' && depth === 0 && changed?.current !== undefined && isFollowed(changed.current as unknown as Task)

/** Something red or yellow was found, or found again. */
const isDeterioration = (task: Task): boolean =>
  isOpen(task) &&
  ruleOf(task) !== undefined &&
  (task.businessStatus?.coding ?? []).some(({ code }) => code === 'red' || code === 'yellow')

/** Something may have been measured and not sent, or has been sent now. */
const isNewsOfUnsent = ({ current, previous }: Changed = {}): boolean =>
  [current, previous].some((resource) => resource !== undefined && tellsOfUnsent(resource))

const changesLimits = ({ type, interaction }: FeedEvent) =>
  type === 'Goal' || (type === 'CarePlan' && interaction === 'update')

/** The Tasks that came of it, and the other requests; no two resources have one id. */
const changedIds = ({ tasks, requests = [] }: Decisions): string[] =>
  [...tasks.map(({ task }) => task.id), ...requests.map(({ resource }) => resource.id)].map(String)
