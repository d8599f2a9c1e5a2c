import type { CarePlan, ClinicalImpression, DataRequirement, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { type Changed, concernedBy, limitsBefore } from '../core/decide/limits/limits-changed.ts'
import { answeredMessages } from '../core/decide/message/message-life.ts'
import { listenersTo } from '../core/decide/plan/compile-plan.ts'
import { accessedIn, DATA_ACCESS_WRITER } from '../core/decide/plan/data-access.ts'
import { isRunning } from '../core/decide/planned-change/planned-change.ts'
import { referralOf } from '../core/decide/referral/referral.ts'
import { isAnswer } from '../core/decide/schedule/answer-form.ts'
import { queueOfSilence } from '../core/decide/silence/silence-clock.ts'
import { hoursOf, type Staff } from '../core/decide/task/staff.ts'
import { isOpen } from '../core/decide/task/task-status.ts'
import type { OpeningHours } from '../core/decide/time/opening-hours.ts'
import { triageKey, triageKeyOf } from '../core/decide/triage.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { STEERED_TYPES } from '../core/requests/activity-life.ts'
import { type Tx, together } from '../db/pool.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import {
  readAbout,
  readChanged,
  readHistory,
  readProven,
  readStanding,
  readTriages,
  readVersions,
  type Standing,
  type Wanted,
} from './facts.ts'
import { isNewsOfMessage, isNewsOfUnsent, isWork } from './news.ts'
import { describe, isHeardOf, type Occurrence, patientOf } from './occurrence.ts'
import { type PlanBook, plansOf } from './plan-book.ts'
import { type ReferralRead, readReferrals, withTask } from './referral-facts.ts'
import { SCHEDULE_TYPES, ScheduleRound } from './schedule-round.ts'
import { keepStaff, type ReadStaff, type StaffAsked } from './staff.ts'
import type { PlacedTimer } from './timers.ts'
import { type CameAbout, type Enrolment, wantedBy } from './wanted.ts'

/** What a plan may touch beside Tasks, which are always read, and the CarePlan itself. */
const REQUEST_TYPES = STEERED_TYPES.filter((type) => type !== 'Task' && type !== 'CarePlan')
const { actor: ACCESS_ACTOR } = engineAccess(DATA_ACCESS_WRITER)
/**
 * Of so many that came, everything is read at once: the round trip that is spared is worth more than what may be read for nobody. Of
 * more, who is followed is asked first.
 */
const AHEAD_COUNT_MAX = 50
const NOTHING: Standing = { carePlans: [], goals: [], tasks: [], consents: [], requests: [] }

/** What each event was about, then and before. */
export type ChangedBy = Map<FeedEvent | undefined, Changed>

export type RoundFactsRooms = {
  tx: Tx
  book: PlanBook
  now: Date
  /** Events that may have been read before, in another database: what they led to is looked for. */
  readBefore: ReadonlySet<FeedEvent>
  /** Who works where; left out, it is read by this round alone. */
  readStaff?: ReadStaff | undefined
}

/**
 * What is known in one round: read together for all that happened, and kept up to date with what the round has decided itself, so that the
 * second thing that happened to a patient sees what became of the first.
 */
export class RoundFacts {
  private readonly tx: Tx
  private readonly book: PlanBook
  private readonly now: Date
  private readonly readBefore: ReadonlySet<FeedEvent>
  private standing = new Map<string, Standing>()
  private history = new Map<string, Resource[]>()
  /** What was asked of each one's history, by its text. */
  private readonly asked = new Map<string, Map<string, Wanted>>()
  /** The CarePlans as they were when that was worked out. */
  private readonly askedBy = new Map<string, CarePlan[]>()
  private about = new Map<string, Resource>()
  private triages = new Map<string, ClinicalImpression>()
  private proven = new Set<string>()
  private referrals = new Map<string, ReferralRead>()
  /** What was given out, as it was then, by the event that tells that somebody was given it. */
  private accessed = new Map<FeedEvent, Resource[]>()
  /** Worked out once for each patient's CarePlans: every step of a round asks for them. */
  private readonly enrolled = new Map<CarePlan[], readonly Enrolment[]>()
  private staffRead: Staff | undefined
  private isLoadRead = false
  private readonly readStaff: ReadStaff
  readonly schedules: ScheduleRound

  constructor({ tx, book, now, readBefore, readStaff = keepStaff() }: RoundFactsRooms) {
    this.tx = tx
    this.book = book
    this.now = now
    this.readBefore = readBefore
    this.readStaff = readStaff
    this.schedules = new ScheduleRound({ tx, book, now })
  }

  /**
   * Reads whatever deciding about these needs.
   * @returns those of them that somebody has to decide about, and what each was about
   */
  async read(occurrences: Occurrence[]): Promise<{ heard: Occurrence[]; changed: ChangedBy }> {
    const types = new Set([
      ...this.book.types,
      ...SCHEDULE_TYPES,
      'Goal',
      'Basic',
      'Communication',
      ...this.basisTypes(),
    ])
    const concerned = occurrences.filter((occurrence) => isHeardOf(occurrence, types))
    if (concerned.length === 0) return { heard: [], changed: new Map() }
    const ahead = concerned.length <= AHEAD_COUNT_MAX
    const events = eventsOf(concerned)
    const patients = patientsOf(concerned)
    const [standing, , changedAhead] = await together(this.tx, () => [
      readStanding(
        this.tx,
        patients,
        ['CarePlan', ...(ahead ? this.standingTypes() : [])],
        ahead ? this.typesInPlans() : [],
      ),
      this.schedules.readRunning(patientsOf(concerned.filter(asksForSchedule))),
      readChanged(this.tx, ahead ? events : []),
    ])
    this.standing = standing
    // Most measurements may be of people that no plan follows: of many, nothing more is read for them.
    const followed = concerned.filter(
      (o) =>
        o.kind === 'timer' ||
        o.event.type === 'Task' ||
        o.event.type === 'Communication' ||
        o.event.type === 'QuestionnaireResponse' ||
        this.schedules.mayConcern(o.event) ||
        this.enrolments(patientOf(o)).length > 0 ||
        // What stands behind an enrolment counts while it rests too.
        (this.basisTypes().includes(o.event.type) && this.opening(patientOf(o)).length > 0),
    )
    const followedEvents = eventsOf(followed)
    const known: ChangedBy = ahead
      ? byEvent(events, changedAhead)
      : byEvent(followedEvents, await readChanged(this.tx, followedEvents))
    const changed: ChangedBy = new Map(followedEvents.map((event) => [event, known.get(event) ?? {}]))
    await this.readAccessed(followedEvents, changed)
    const heard = followed.filter((o) => o.kind === 'timer' || this.isHeard(o.event, changed.get(o.event)))
    if (!ahead) await this.readStandingOf(heard)
    await this.readFor(heard, changed)
    return { heard, changed }
  }

  /** What stands about one patient, of whom nothing was read before. */
  async readAlone(patient: string): Promise<void> {
    if (patient === '' || this.standing.has(patient)) return
    const types = ['CarePlan', 'Goal', 'Task']
    for (const [id, standing] of await readStanding(this.tx, [patient], types)) this.standing.set(id, standing)
  }

  of(patient: string): Standing {
    return this.standing.get(patient) ?? NOTHING
  }

  historyOf(patient: string): Resource[] {
    return this.history.get(patient) ?? []
  }

  /** What a timer or an answered message is about, as it is now. */
  aboutOf({ about }: Pick<PlacedTimer, 'about'>): Resource | undefined {
    return this.about.get(about)
  }

  /** What an event tells that somebody was given, as it was then. */
  accessedIn(event: FeedEvent): Resource[] {
    return this.accessed.get(event) ?? []
  }

  /** Whether a Provenance tells already of this version of a Goal. */
  isProven(goal: string): boolean {
    return this.proven.has(goal)
  }

  /** A referral of this patient that something in the round was about, as the round has left it. */
  referral(reference: string, patient: string): ReferralRead | undefined {
    const facts = this.referrals.get(reference)
    return facts?.referral.for?.reference === `Patient/${patient}` ? facts : undefined
  }

  /** Of those that run: a plan each. */
  enrolments(patient: string): readonly Enrolment[] {
    const { carePlans } = this.of(patient)
    const known = this.enrolled.get(carePlans)
    if (known) return known
    const enrolments = this.followed(carePlans.filter(({ status }) => status === 'active'))
    this.enrolled.set(carePlans, enrolments)
    return enrolments
  }

  /** Of those that run or rest: in both the record is open to their teams. */
  opening(patient: string): readonly Enrolment[] {
    return this.followed(this.of(patient).carePlans.filter(isRunning))
  }

  private followed(carePlans: CarePlan[]): Enrolment[] {
    return carePlans.flatMap((carePlan) => plansOf(carePlan, this.book).plans.map((plan) => ({ carePlan, plan })))
  }

  /** What an enrolment may rest on, where some plan demands it. */
  private basisTypes(): string[] {
    return this.book.demandsBasis ? ['Consent'] : []
  }

  /** Only what the server itself has told is believed: anybody may write a Basic that says the same. */
  private async readAccessed(events: FeedEvent[], changed: ChangedBy): Promise<void> {
    const asked = events
      .filter(({ actor }) => actor === ACCESS_ACTOR)
      .flatMap((event) =>
        accessedIn(changed.get(event)?.current).map((reference) => ({
          event,
          reference,
          patient: event.patient ?? '',
        })),
      )
    const found = await readVersions(this.tx, asked)
    for (const [i, { event }] of asked.entries()) {
      const resource = found[i]
      const known = this.accessed.get(event)
      if (resource && known) known.push(resource)
      else if (resource) this.accessed.set(event, [resource])
    }
  }

  private isHeard(event: FeedEvent, changed: Changed | undefined): boolean {
    if (
      event.type === 'Goal' ||
      this.basisTypes().includes(event.type) ||
      isWork(event, changed) ||
      isAnswer(changed?.current) ||
      this.schedules.isConcerned(event, changed ?? {})
    )
      return true
    if ((event.patient !== null && isNewsOfUnsent(changed)) || isNewsOfMessage(changed)) return true
    const resources = [changed?.current, changed?.previous, ...this.accessedIn(event)].filter(
      (resource) => resource !== undefined,
    )
    return this.enrolments(event.patient ?? '').some(({ plan }) =>
      resources.some((resource) => listenersTo(plan, resource).length > 0),
    )
  }

  /** What is read of a patient beside the CarePlans. */
  private standingTypes(): string[] {
    return ['Goal', 'Task', ...this.basisTypes()]
  }

  /** What only plans ask about. */
  private typesInPlans(): string[] {
    return [...(this.book.asksForSubject ? ['Patient'] : []), ...(this.book.steers ? REQUEST_TYPES : [])]
  }

  private async readStandingOf(heard: Occurrence[]): Promise<void> {
    const patients = patientsOf(heard)
    const types = this.standingTypes()
    for (const [patient, standing] of await readStanding(this.tx, patients, types, this.typesInPlans()))
      this.standing.set(patient, { ...standing, carePlans: this.of(patient).carePlans })
  }

  /** What the woken rules look back at, and all else that deciding needs, for all patients of the round together. */
  private async readFor(heard: Occurrence[], changed: ChangedBy): Promise<void> {
    for (const occurrence of heard) {
      const about: Changed = occurrence.kind === 'event' ? (changed.get(occurrence.event) ?? {}) : {}
      const accessed = occurrence.kind === 'event' ? this.accessedIn(occurrence.event) : []
      const access = about.current ? { access: about.current } : {}
      this.ask(occurrence, about)
      for (const current of accessed) this.ask(occurrence, { current, ...access })
    }
    for (const patient of patientsOf(heard)) this.askedBy.set(patient, this.of(patient).carePlans)
    const goals = heard.filter((one) => one.kind === 'event' && one.event.type === 'Goal')
    const timers = heard.flatMap((occurrence) => (occurrence.kind === 'timer' ? [occurrence.timer] : []))
    const tasks = [...changed.values()].flatMap(({ current }) => (current?.resourceType === 'Task' ? [current] : []))
    const answered = [...changed.values()].flatMap(({ current }) => answeredMessages(current))
    // Worked out before anything is asked: what throws then leaves nothing that goes on alone.
    const versions = goals.map(describe)
    const referred = tasks.flatMap((task) => referralOf(task as unknown as Task) ?? [])
    const abouts = [...timers.filter(({ kind }) => kind !== 'rule').map(({ about }) => about), ...answered]
    const { tx } = this
    const [history, , proven, referrals, about, staff] = await together(tx, () => [
      readHistory(
        tx,
        [...this.asked.values()].flatMap((ofOne) => [...ofOne.values()]),
        this.now,
      ),
      this.schedules.readFacts(heard, changed, this.standing),
      readProven(tx, versions),
      readReferrals(tx, referred),
      readAbout(tx, abouts),
      this.readStaffAhead(),
    ])
    this.staffRead ??= staff
    this.history = history
    this.proven = proven
    this.referrals = referrals
    this.about = about
    // Which measurements new limits are held against is told by the history. What is new has no triage, and nothing is asked.
    const keys = heard.flatMap((occurrence) => this.triageKeys(occurrence, changed))
    this.triages = await readTriages(tx, [...new Set(keys)])
  }

  /** Who looks back has been woken and may make a Task: whether who is at work is still known is asked in the same breath. */
  private async readStaffAhead(): Promise<Staff | undefined> {
    const mayBePlaced = [...this.asked.keys()].some((patient) =>
      this.enrolments(patient).some(({ plan }) => plan.asksForStaff),
    )
    return mayBePlaced ? this.readStaff.kept(this.tx, this.now) : undefined
  }

  /** Notes what the plans of the patient look back at when this happens. @returns whether some of it was not asked for yet */
  private ask(occurrence: Occurrence, about: CameAbout): boolean {
    const patient = patientOf(occurrence)
    const { goals, patient: subject } = this.of(patient)
    const known = { enrolments: this.enrolments(patient), goals, subject, now: this.now }
    const requirements = wantedBy(occurrence, about, known)
    if (requirements.length === 0) return false
    const asked = this.asked.get(patient) ?? new Map<string, Wanted>()
    const before = asked.size
    for (const requirement of requirements) asked.set(textOf(requirement), { patient, requirement })
    this.asked.set(patient, asked)
    return asked.size > before
  }

  /**
   * What the round has made of a CarePlan may wake a rule that what was read would not have woken: then what that one looks back at is
   * read too. Most rounds change none.
   */
  async keepUp(occurrence: Occurrence, about: CameAbout): Promise<void> {
    const patient = patientOf(occurrence)
    const { carePlans } = this.of(patient)
    if (this.askedBy.get(patient) === carePlans) return
    this.askedBy.set(patient, carePlans)
    if (!this.ask(occurrence, about)) return
    const history = await readHistory(this.tx, [...(this.asked.get(patient)?.values() ?? [])], this.now)
    this.history.set(patient, history.get(patient) ?? [])
  }

  /** Which earlier triages may be changed: of what is not new, and of what new limits are held against. */
  private triageKeys(occurrence: Occurrence, changed: ChangedBy): string[] {
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
  concernedBy(event: FeedEvent, changed: Changed, { carePlan, plan }: Enrolment): Resource[] {
    const patient = event.patient ?? ''
    const { goals } = this.of(patient)
    const before = limitsBefore(event, changed, carePlan, goals)
    return before ? concernedBy(before, { carePlan, goals }, plan, this.historyOf(patient), this.now) : []
  }

  triageOf({ carePlan, plan }: Enrolment, about: Resource): ClinicalImpression | undefined {
    return this.triages.get(triageKey(plan.url, carePlan.id, `${about.resourceType}/${about.id}`))
  }

  noteTriage(impression: ClinicalImpression): void {
    this.triages.set(triageKeyOf(impression) ?? '', impression)
  }

  /** What the round has made of a Task: from now on it is so. */
  noteTask(task: Task, patient: string): void {
    const standing = this.of(patient)
    const others = standing.tasks.filter(({ id }) => id !== task.id)
    this.standing.set(patient, { ...standing, tasks: isOpen(task) ? [...others, task] : others })
    const reference = referralOf(task) ?? ''
    const referral = this.referrals.get(reference)
    if (referral) this.referrals.set(reference, withTask(referral, task))
  }

  noteRequest(resource: Resource, patient: string): void {
    const standing = this.of(patient)
    if (resource.resourceType === 'CarePlan') {
      const carePlans = standing.carePlans.map((one) =>
        one.id === resource.id ? (resource as unknown as CarePlan) : one,
      )
      this.standing.set(patient, { ...standing, carePlans })
      return
    }
    const others = standing.requests.filter(
      ({ resourceType, id }) => resourceType !== resource.resourceType || id !== resource.id,
    )
    this.standing.set(patient, { ...standing, requests: [...others, resource] })
  }

  /** Who is at work now, and how much each has to do where that is asked for. Read once, and only when somebody asks. */
  async staff(asked: StaffAsked): Promise<Staff> {
    const known = this.staffRead
    if (known && (this.isLoadRead || !asked.withLoad)) return known
    const staff = await this.readStaff(this.tx, this.now, asked)
    this.isLoadRead = asked.withLoad
    // With what the round itself has given to each before anybody asked how much that was.
    this.staffRead = known ? { ...staff, load: added(staff.load, known.load) } : staff
    return this.staffRead
  }

  /** Who is given a Task has one more: the next one is placed with that in mind. */
  noteStaff(staff: Staff): void {
    this.staffRead = staff
  }

  /** The opening hours of the team that has a Task, where a silence of it is counted by them. */
  async hoursOf(task: Task, patient: string): Promise<OpeningHours | undefined> {
    const queue = queueOfSilence(task, this.of(patient).carePlans)
    return queue === undefined ? undefined : hoursOf(queue, await this.staff({ withLoad: false }))
  }
}

const added = (load: Staff['load'], more: Staff['load']): Staff['load'] =>
  new Map([...load.keys(), ...more.keys()].map((name) => [name, (load.get(name) ?? 0) + (more.get(name) ?? 0)]))

/** All but the timer of one request, which tells itself how far it is. */
const asksForSchedule = (occurrence: Occurrence): boolean =>
  occurrence.kind === 'event' || occurrence.timer.kind !== 'occurrence'

/** Of a plan the same is asked for each of its patients, in each round. */
function textOf(requirement: DataRequirement): string {
  const known = texts.get(requirement)
  if (known !== undefined) return known
  const text = JSON.stringify(requirement)
  texts.set(requirement, text)
  return text
}
const texts = new WeakMap<DataRequirement, string>()

const eventsOf = (occurrences: Occurrence[]): FeedEvent[] =>
  occurrences.flatMap((occurrence) => (occurrence.kind === 'event' ? [occurrence.event] : []))

const byEvent = (events: FeedEvent[], changed: Changed[]): ChangedBy =>
  new Map(changed.map((one, i) => [events[i], one]))

const patientsOf = (occurrences: Occurrence[]) => [...new Set(occurrences.map(patientOf))].filter((id) => id !== '')
