import type { CarePlan, ServiceRequest, Task } from '@medplum/fhirtypes'
import { stepTimers } from '../core/decide/burden/step-down.ts'
import type { Changed } from '../core/decide/limits/limits-changed.ts'
import { type AskedFor, type ScheduleProblem, toAskedFor } from '../core/decide/schedule/asked-for.ts'
import {
  arrange,
  type Followed,
  type FollowFacts,
  receive,
  resultsAround,
  resultsFrom,
  ring,
  tellProblems,
  toScheduleChange,
} from '../core/decide/schedule/follow-schedule.ts'
import { isResultOf } from '../core/decide/schedule/fulfilment.ts'
import { questionnaireOf } from '../core/decide/schedule/questionnaire-task.ts'
import { type Timer, type TimerDecision, timerId } from '../core/decide/timer.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Tx } from '../db/pool.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import type { Standing } from './facts.ts'
import { type Occurrence, patientOf } from './occurrence.ts'
import { type PlanBook, plansOf } from './plan-book.ts'
import { type ResultsWanted, readRequests, readResults } from './schedule-facts.ts'
import { type PlacedTimer, readTimers } from './timers.ts'

/** What asks, and what answers. */
const ASKING = new Set(['CarePlan', 'ServiceRequest', 'Task'])
const ANSWERING = new Set(['Observation', 'QuestionnaireResponse'])
export const SCHEDULE_TYPES = [...ASKING, ...ANSWERING]

/** A timer is about one of many requests: the others need not be read and worked out. @returns undefined when all may be concerned */
function onlyOf(occurrences: Occurrence[]): ReadonlySet<string> | undefined {
  const abouts = occurrences.map((one) => (one.kind === 'timer' ? one.timer.about : undefined))
  return abouts.includes(undefined) ? undefined : new Set(abouts.flatMap((about) => about ?? []))
}

type Asked = { asked: AskedFor[]; problems: ScheduleProblem[] }

/** The part of a round in which patients' schedules are followed: its facts are read together, for many patients at once. */
export class ScheduleRound {
  private readonly tx: Tx
  private readonly book: PlanBook
  private readonly now: Date
  private running = new Map<string, Timer[]>()
  /** By patient: what is asked for less often when all is stable. */
  readonly steps = new Map<string, PlacedTimer[]>()
  private requests = new Map<string, ServiceRequest[]>()
  private results = new Map<string, Resource[]>()
  private readonly askedOf = new Map<string, Asked>()

  constructor({ tx, book, now }: { tx: Tx; book: PlanBook; now: Date }) {
    this.tx = tx
    this.book = book
    this.now = now
  }

  /**
   * Which timers run for these patients; without any, their results concern no schedule.
   * @param patients those of whom more is known to have happened than that the timer of a request rang
   */
  async readRunning(patients: string[]): Promise<void> {
    if (patients.length === 0) return
    const timers = await readTimers(this.tx, patients, ['occurrence', 'step-down'])
    for (const [patient, own] of timers) {
      const { occurrence = [], 'step-down': steps = [] } = Object.groupBy(own, ({ kind }) => kind)
      if (occurrence.length > 0) this.running.set(patient, occurrence)
      if (steps.length > 0) this.steps.set(patient, steps)
    }
  }

  /** Whether an event may concern a schedule, as far as can be told before it is read. */
  mayConcern({ type, patient }: FeedEvent): boolean {
    if (patient === null) return false
    return ASKING.has(type) || (ANSWERING.has(type) && this.running.has(patient))
  }

  /** The same, once its resource is known: of Tasks, those that ask for a Questionnaire. */
  isConcerned(event: FeedEvent, { current, previous }: Changed): boolean {
    if (event.type !== 'Task' || event.patient === null) return this.mayConcern(event)
    return [current, previous].some((task) => task && questionnaireOf(task as unknown as Task) !== undefined)
  }

  /** Requests of those whose schedule is concerned, and what may have come for them. */
  async readFacts(heard: Occurrence[], changed: Map<FeedEvent | undefined, Changed>, standing: Map<string, Standing>) {
    const mine = heard.filter((one) => this.isMine(one, changed))
    const byPatient = Map.groupBy(mine, patientOf)
    this.requests = await readRequests(
      this.tx,
      [...byPatient].map(([patient, own]) => ({ patient, only: onlyOf(own) })),
    )
    for (const [patient, own] of byPatient) {
      this.askedOf.set(patient, this.toAsked(patient, standing.get(patient), own))
    }
    this.results = await readResults(
      this.tx,
      mine.flatMap((one) => this.wantedBy(one, changed)),
    )
  }

  private isMine(one: Occurrence, changed: Map<FeedEvent | undefined, Changed>): boolean {
    if (one.kind === 'timer') return one.timer.kind === 'occurrence'
    return this.isConcerned(one.event, changed.get(one.event) ?? {})
  }

  private toAsked(patient: string, standing: Standing | undefined, own: Occurrence[]): Asked {
    const only = onlyOf(own)
    return toAskedFor({
      ...(only ? { only } : {}),
      carePlans: standing?.carePlans ?? [],
      requests: this.requests.get(patient) ?? [],
      tasks: standing?.tasks ?? [],
      plansOf: (carePlan: CarePlan) => plansOf(carePlan, this.book).plans.map(({ definition }) => definition),
    })
  }

  private wantedBy(one: Occurrence, changed: Map<FeedEvent | undefined, Changed>): ResultsWanted[] {
    const patient = patientOf(one)
    const { asked } = this.askedOf.get(patient) ?? { asked: [] }
    if (one.kind === 'timer') {
      return asked
        .filter(({ about, name }) => about === one.timer.about && name === one.timer.name)
        .flatMap((each) => {
          const since = resultsFrom(each, one.timer)
          return since ? [{ patient, asked: each, since }] : []
        })
    }
    const result = changed.get(one.event)?.current
    if (!result || !ANSWERING.has(result.resourceType)) return []
    return asked
      .filter((each) => each.heard.has('extra') && isResultOf(each, result))
      .map((each) => ({ patient, asked: each, since: resultsAround(result) }))
  }

  /** @returns what the occurrence means for the patient's schedule; undefined when it concerns none */
  decide(
    occurrence: Occurrence,
    changed: Changed,
    { openTasks, newId }: Pick<FollowFacts, 'openTasks' | 'newId'>,
  ): Followed | undefined {
    const patient = patientOf(occurrence)
    const known = this.askedOf.get(patient)
    if (!known) return undefined
    const facts = { subject: `Patient/${patient}`, asked: known.asked, openTasks, now: this.now, newId }
    const results = this.results.get(patient) ?? []
    if (occurrence.kind === 'timer') {
      if (occurrence.timer.kind !== 'occurrence') return undefined
      const timer = this.nowOf(patient, occurrence.timer)
      return timer.dueAt <= this.now ? ring(timer, results, facts) : { tasks: [], requests: [], timers: [] }
    }
    const { event } = occurrence
    if (!this.isConcerned(event, changed)) return undefined
    if (ANSWERING.has(event.type)) {
      return changed.current
        ? receive(changed.current, event.interaction === 'create' ? results : [], facts)
        : undefined
    }
    const about = `${event.type}/${event.id}`
    const own = known.problems.filter((one) => one.about === about || `CarePlan/${one.carePlan?.id}` === about)
    // What was asked while no worker was there is followed from when it was asked.
    const from = new Date(Math.min(new Date(event.recorded_at).getTime(), this.now.getTime()))
    const tasks = tellProblems(own, facts).map((task) => ({ act: 'create' as const, task }))
    const request = changed.current?.resourceType === 'ServiceRequest' ? changed.current : undefined
    const steps = request ? stepTimers(request as unknown as ServiceRequest, from) : []
    const timers = arrange(known.asked, this.running.get(patient) ?? [], toScheduleChange(about, changed, from))
    this.noteRunning(patient, timers)
    return { tasks, requests: [], timers: [...timers, ...steps] }
  }

  /** What the round has made of a timer before it rang. */
  private nowOf(patient: string, timer: PlacedTimer): Timer {
    return this.running.get(patient)?.find((one) => timerId(one) === timerId(timer)) ?? timer
  }

  /** What the round has set already: a later change in it does not set it from the later moment, past what was due between. */
  private noteRunning(patient: string, timers: TimerDecision[]): void {
    const running = new Map((this.running.get(patient) ?? []).map((timer) => [timerId(timer), timer]))
    for (const decided of timers) {
      if (decided.act === 'drop') running.delete(timerId(decided.timer))
      else if (decided.act === 'set') running.set(timerId(decided.timer), decided.timer)
    }
    this.running.set(patient, [...running.values()])
  }
}
