import type { Task } from '@medplum/fhirtypes'
import { keepAdvice } from '../core/decide/conflicting-advice.ts'
import type { Happening } from '../core/decide/happening.ts'
import type { Changed } from '../core/decide/limits/limits-changed.ts'
import { answeredMessages, followMessage } from '../core/decide/message/message-life.ts'
import { listenersTo } from '../core/decide/plan/compile-plan.ts'
import type { Planned } from '../core/decide/planned-change/planned-change.ts'
import { plannedTimers } from '../core/decide/planned-change/ring-planned-change.ts'
import { problemOf } from '../core/decide/problem.ts'
import { followReferral } from '../core/decide/referral/follow-referral.ts'
import { referralOf } from '../core/decide/referral/referral.ts'
import type { Rings } from '../core/decide/ring.ts'
import { answerForms, isAnswer } from '../core/decide/schedule/answer-form.ts'
import { followUnsent } from '../core/decide/silence/not-sent.ts'
import { asItStands, followTask } from '../core/decide/task/follow-task.ts'
import { askedNow, isHeld } from '../core/decide/task/handover.ts'
import { unhandledTask, unknownPlanTask } from '../core/decide/task/trouble-task.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Tx } from '../db/pool.ts'
import type { Settle } from '../expressions/expressions.ts'
import { withBasis } from '../lifecycle/legal-basis/basis.ts'
import { keepLegalBasis } from '../lifecycle/legal-basis/basis-task.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import type { Store } from '../store/store.ts'
import { writeSetAside } from './decision-table.ts'
import { readHandoverBasis } from './handover-basis.ts'
import { changesLimits, isNewsOfMessage, isNewsOfUnsent, isWork } from './news.ts'
import { describe, type Occurrence, patientOf } from './occurrence.ts'
import { type PlanBook, plansOf } from './plan-book.ts'
import { type Deciding, decideOne } from './plan-decision.ts'
import { barredChanges } from './planned-team.ts'
import { RepeatableIds } from './repeatable-ids.ts'
import { RoundFacts } from './round-facts.ts'
import { judgeAnew, keepReviews, proveLimits, reviewLimits } from './round-limits.ts'
import { RoundOutcome, type RoundWritten } from './round-outcome.ts'
import type { ReadStaff } from './staff.ts'
import { type PlacedTimer, TIMER_RETRY_MILLISECONDS } from './timers.ts'

/** How many engine decisions may follow from each other before the engine stops listening to itself. */
export const DEPTH_MAX = 8

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
  /** Who works where; left out, it is read by this round alone. */
  readStaff?: ReadStaff | undefined
}

/** Of these, one that rings late tells nothing once the same round has said what becomes of it. */
const SET_ANEW: ReadonlySet<PlacedTimer['kind']> = new Set(['step-down', 'silence'])

/** The work of one transaction: facts for all of it are read together, decided one by one in order, and written together. */
export class Round {
  private readonly store: RoundRooms['store']
  private readonly tx: Tx
  private readonly book: PlanBook
  private readonly rings: Rings
  private readonly now: Date
  private readonly facts: RoundFacts
  private readonly outcome: RoundOutcome
  private readonly deciding: Deciding
  private readonly settle: Settle
  private decidingMilliseconds = 0

  constructor({ store, tx, book, rings, now, settle, readBefore = new Set(), readStaff }: RoundRooms) {
    this.store = store
    this.tx = tx
    this.book = book
    this.rings = rings
    this.now = now
    this.settle = settle
    this.facts = new RoundFacts({ tx, book, now, readBefore, readStaff })
    this.outcome = new RoundOutcome(this.facts, now)
    const { facts, outcome } = this
    this.deciding = { facts, outcome, book, now, settle, newId: (patient) => this.newId(patient) }
  }

  async handle(occurrences: Occurrence[]): Promise<void> {
    const { heard, changed } = await this.facts.read(occurrences)
    const began = performance.now()
    for (const occurrence of heard) {
      const about = occurrence.kind === 'event' ? (changed.get(occurrence.event) ?? {}) : {}
      try {
        await this.decideAll(occurrence, about)
      } catch (error) {
        await this.setAside(occurrence, error instanceof Error ? error : new Error(String(error)))
      }
      if (occurrence.kind === 'timer') this.outcome.forget(occurrence.timer)
    }
    this.decidingMilliseconds += performance.now() - began
  }

  private async decideAll(occurrence: Occurrence, changed: Changed): Promise<void> {
    const patient = patientOf(occurrence)
    const own = { openTasks: this.facts.of(patient).tasks, newId: () => this.newId(patient) }
    const followed = this.facts.schedules.decide(occurrence, changed, own)
    if (followed) await this.outcome.take(followed, occurrence)
    if (occurrence.kind === 'timer') {
      await this.ring(occurrence, occurrence.timer)
      return
    }
    const { event } = occurrence
    if (isWork(event, changed)) await this.follow(occurrence, event, changed)
    if (isNewsOfUnsent(changed)) await this.followUnsent(occurrence, changed)
    if (isNewsOfMessage(changed)) await this.followMessage(occurrence, changed)
    if (isAnswer(changed.current)) await this.answerForms(occurrence, changed.current, changed.previous)
    if (event.type === 'CarePlan' || event.type === 'ServiceRequest') this.keepPlanned(occurrence, changed)
    if (event.type === 'CarePlan') await this.decideEnrolment(occurrence, event)
    if (changesLimits(event)) await judgeAnew(this.deciding, { event, changed }, occurrence)
    if (event.type === 'Goal' || event.type === 'CarePlan') keepReviews(this.deciding, occurrence)
    if (event.type === 'CarePlan') await this.keepAdvice(occurrence)
    if (event.type === 'CarePlan' || event.type === 'Consent') await this.keepBasis(occurrence)
    if (event.type === 'Consent') await this.askHeld(occurrence)
    if (event.type === 'Goal') proveLimits(this.deciding, event, changed)
    if (event.depth >= DEPTH_MAX) return
    for (const read of this.facts.accessedIn(event)) await this.decideAccess(occurrence, read, changed)
    // An outside plan may listen to CarePlans too; the engine's own long chains end here.
    if (!this.book.types.has(event.type)) return
    const happening: Happening = { kind: 'data', interaction: event.interaction, ...changed }
    for (const enrolment of this.facts.enrolments(patient)) {
      await this.facts.keepUp(occurrence, changed)
      await decideOne(this.deciding, enrolment, happening, occurrence)
    }
  }

  /** Somebody was given a resource that some plan waits for the reading of. */
  private async decideAccess(occurrence: Occurrence, read: Resource, { current: access }: Changed): Promise<void> {
    const happening: Happening = { kind: 'data', interaction: 'access', current: read, ...(access ? { access } : {}) }
    for (const enrolment of this.facts.enrolments(patientOf(occurrence))) {
      if (listenersTo(enrolment.plan, read).length === 0) continue
      await this.facts.keepUp(occurrence, { current: read, ...(access ? { access } : {}) })
      await decideOne(this.deciding, enrolment, happening, occurrence)
    }
  }

  /** A Task that somebody else has made or changed. */
  private async follow(occurrence: Occurrence, event: FeedEvent, { current }: Changed): Promise<void> {
    const patient = patientOf(occurrence)
    const { tasks, carePlans } = this.facts.of(patient)
    const task = current as unknown as Task
    const facts = {
      task,
      openTasks: tasks,
      carePlans,
      at: new Date(Math.min(event.recorded_at.getTime(), this.now.getTime())),
      hours: await this.facts.hoursOf(asItStands(task, tasks), patient),
      now: this.now,
    }
    await this.outcome.take(followTask(facts), occurrence)
    const referral = referralOf(task)
    if (referral !== undefined) await this.followReferral(occurrence, referral)
  }

  /** A referral, or an answer to one of its questions: as all of them stand now. */
  private async followReferral(occurrence: Occurrence, reference: string): Promise<void> {
    const patient = patientOf(occurrence)
    const facts = this.facts.referral(reference, patient)
    if (!facts) return
    const plan = this.book.find(facts.referral.instantiatesCanonical ?? '', `Patient/${patient}`)?.definition
    const ids = new RepeatableIds(() => this.newId(patient))
    const tasks = await this.settle((evaluate) =>
      followReferral({ ...facts, plan, now: this.now, newId: ids.fromStart(), evaluate }),
    )
    await this.outcome.take({ tasks, timers: [] }, occurrence)
  }

  /** A device has told what it has not sent, or a result was announced or has come. */
  private async followUnsent(occurrence: Occurrence, { current, previous }: Changed): Promise<void> {
    const patient = patientOf(occurrence)
    const changed = current ?? previous
    if (!changed) return
    const enrolled = this.facts.enrolments(patient).map(({ carePlan, plan }) => ({ carePlan, plan: plan.definition }))
    const facts = { enrolled, openTasks: this.facts.of(patient).tasks, now: this.now }
    await this.outcome.take(followUnsent(changed, current !== undefined, facts), occurrence)
  }

  /** A message was sent, or could not be. */
  private async followMessage(occurrence: Occurrence, { current }: Changed): Promise<void> {
    for (const about of answeredMessages(current)) {
      const known = this.facts.of(patientOf(occurrence)).requests
      // As this round has left it, where it is known.
      const request = known.find((one) => `${one.resourceType}/${one.id}` === about) ?? this.facts.aboutOf({ about })
      if (!current || !request) continue
      // A Communication need not name its subject; what it answers does.
      const patient = patientOf(occurrence) || subjectOf(request)
      const { carePlans } = this.facts.of(patient)
      const facts = { request, carePlans, now: this.now, newId: () => this.newId(patient) }
      const followed = followMessage(current, facts)
      if (followed) await this.outcome.take(followed, occurrence)
    }
  }

  /** A form was answered: whoever asked for it waits no more. */
  private async answerForms(occurrence: Occurrence, response: Resource, previous?: Resource): Promise<void> {
    const { tasks } = this.facts.of(patientOf(occurrence))
    const done = answerForms(response, tasks, { now: this.now, previous })
    if (done.length > 0) await this.outcome.take({ tasks: done, timers: [] }, occurrence)
  }

  /** The clock of what is planned for it, as it is now. */
  private keepPlanned(occurrence: Occurrence, { current, previous }: Changed): void {
    const [now, before] = [current, previous] as unknown as (Planned | undefined)[]
    for (const timer of plannedTimers(now, before)) this.outcome.noteTimer(timer, occurrence)
  }

  /** Whether the plans that the patient is in now contradict each other. */
  private async keepAdvice(occurrence: Occurrence): Promise<void> {
    const patient = patientOf(occurrence)
    const facts = { openTasks: this.facts.of(patient).tasks, now: this.now, newId: () => this.newId(patient) }
    const tasks = keepAdvice({ ...facts, advised: this.facts.enrolments(patient) })
    if (tasks.length > 0) await this.outcome.take({ tasks, timers: [] }, occurrence)
  }

  /** Whether each enrolment still has the legal basis that its plan demands, also while it is paused. */
  private async keepBasis(occurrence: Occurrence): Promise<void> {
    if (!this.book.demandsBasis) return
    const patient = patientOf(occurrence)
    const { tasks: openTasks, consents } = this.facts.of(patient)
    const enrolments = this.facts.opening(patient)
    const kept = keepLegalBasis({ enrolments, consents, openTasks, now: this.now, newId: () => this.newId(patient) })
    await this.outcome.take(kept, occurrence)
  }

  /** What a handover waited for may have come with a Consent. */
  private async askHeld(occurrence: Occurrence): Promise<void> {
    for (const task of this.facts.of(patientOf(occurrence)).tasks.filter(isHeld)) {
      const { missing, basis } = await readHandoverBasis(this.tx, task, this.now)
      if (missing.length > 0) continue
      const asked = withBasis(askedNow(task, this.now), basis)
      await this.outcome.take({ tasks: [{ act: 'update', task: asked }], timers: [] }, occurrence)
    }
  }

  private async ring(occurrence: Occurrence, timer: PlacedTimer): Promise<void> {
    const patient = patientOf(occurrence)
    if (timer.kind === 'rule' || timer.kind === 'limits-review') {
      const enrolments = this.facts
        .enrolments(patient)
        .filter(({ carePlan, plan }) => `CarePlan/${carePlan.id}` === timer.about && plan.url === timer.plan)
      for (const enrolment of enrolments) {
        if (timer.kind === 'limits-review') await reviewLimits(this.deciding, { enrolment, timer }, occurrence)
        else await decideOne(this.deciding, enrolment, { kind: 'timer', timer }, occurrence)
      }
      return
    }
    if (timer.kind === 'occurrence') return
    if (timer.kind === 'legal-basis') return this.keepBasis(occurrence)
    // What was found in this round has set it anew, or has moved the Task whose silence it was.
    if (SET_ANEW.has(timer.kind) && this.outcome.isNoted(timer)) return
    const { carePlans, goals, tasks } = this.facts.of(patient)
    const planned = timer.kind === 'planned-change' && carePlans.find(({ id }) => `CarePlan/${id}` === timer.about)
    const barred = planned ? await barredChanges(this.tx, planned, this.now) : undefined
    const decisions = this.rings[timer.kind]?.({
      timer,
      about: this.facts.aboutOf(timer),
      carePlans,
      goals,
      openTasks: tasks,
      ...(barred ? { barred } : {}),
      plansOf: (carePlan) => plansOf(carePlan, this.book).plans.map(({ definition }) => definition),
      now: this.now,
      newId: () => this.newId(patient),
    })
    if (decisions) await this.outcome.take(decisions, occurrence)
  }

  /** The CarePlan as it stands now decides, not the version of the event: a later event then finds nothing left to do. */
  private async decideEnrolment(occurrence: Occurrence, event: FeedEvent): Promise<void> {
    const patient = patientOf(occurrence)
    const carePlan = this.facts.of(patient).carePlans.find(({ id }) => id === event.id)
    if (carePlan?.status !== 'active') {
      this.outcome.noteTimer({ act: 'clear', kind: 'rule', about: `CarePlan/${event.id}` }, occurrence)
      return
    }
    const { plans, missing } = plansOf(carePlan, this.book)
    const since = new Date(Math.min(event.recorded_at.getTime(), this.now.getTime()))
    const changed: Happening = { kind: 'enrolment', since }
    for (const plan of plans) await decideOne(this.deciding, { carePlan, plan }, changed, occurrence)
    for (const canonical of missing) {
      const task = unknownPlanTask(this.newId(patient), carePlan, canonical, this.now)
      const open = this.facts.of(patient).tasks
      const known = open.some(({ identifier }) => identifier?.[0]?.value === task.identifier?.[0]?.value)
      if (!known) await this.outcome.take({ tasks: [{ act: 'create', task }], timers: [] }, occurrence)
    }
  }

  private newId(patient: string): string {
    return patient === '' ? this.store.newId({ resourceType: 'Task' }) : this.store.newIdFor(patient)
  }

  /** A fault of ours, or facts that nobody foresaw: the feed goes on, and the team is told. */
  async setAside(occurrence: Occurrence, error: Error): Promise<void> {
    const patient = patientOf(occurrence)
    await this.facts.readAlone(patient)
    for (const enrolment of this.facts.enrolments(patient)) {
      const task = unhandledTask(this.newId(patient), enrolment, describe(occurrence), problemOf(error), this.now)
      await this.outcome.take({ tasks: [{ act: 'create', task }], timers: [] }, occurrence)
    }
    await writeSetAside(this.tx, occurrence, error, this.now)
    if (occurrence.kind === 'timer') {
      const dueAt = new Date(this.now.getTime() + TIMER_RETRY_MILLISECONDS)
      this.outcome.noteTimer({ act: 'set', timer: { ...occurrence.timer, dueAt } }, occurrence)
    }
  }

  /** @returns how much was decided and how long that took, and what was written */
  async commit(): Promise<RoundWritten & { decidingMilliseconds: number }> {
    return { ...(await this.outcome.write(this.store, this.tx)), decidingMilliseconds: this.decidingMilliseconds }
  }
}

const subjectOf = ({ subject }: Resource): string =>
  /(?:^|\/)Patient\/([^/]+)/.exec((subject as { reference?: string } | undefined)?.reference ?? '')?.[1] ?? ''
