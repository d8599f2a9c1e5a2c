import type { Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { withdrawTasks } from '../task/finding-task.ts'
import { type Timer, type TimerDecision, timerId } from '../timer.ts'
import { REASONS } from '../words/reasons.ts'
import { type AskedFor, isAsking, type ScheduleProblem } from './asked-for.ts'
import { fulfil, isResultOf } from './fulfilment.ts'
import { madeAt } from './made-at.ts'
import { findMissingTask, isAbout, joinMissing, missingTask, unscheduledTask } from './missing-task.ts'
import { type OccurrenceEventKind, toOccurrenceEvent } from './occurrence-event.ts'
import { type AskedOccurrence, momentsAfter, occurrencesFrom, type ScheduleMoment } from './occurrences.ts'
import { toReminder } from './reminder.ts'

/** What is looked at when a person's schedule is followed; of one person alone. */
export type FollowFacts = {
  /** `Patient/1` */
  subject: string
  asked: AskedFor[]
  openTasks: Task[]
  now: Date
  newId: () => string
}

/** What should be true afterwards. */
export type Followed = {
  tasks: { act: 'create' | 'update'; task: Task }[]
  /** Reminders, and events for the rules of plans. */
  requests: { act: 'create'; resource: Resource }[]
  timers: TimerDecision[]
}

type Following = { digest: string; from: Date; since: Date }

/** More moments than these at once, after a long rest, are dealt with in several goes. */
const MOMENT_COUNT_MAX = 50

/** What changed, as far as it concerns schedules. */
export type ScheduleChange = {
  /** When. */
  at: Date
  /** Whether it is from this change on that the activity is asked for: it is new, or resumed. */
  begins: (asked: AskedFor) => boolean
}

type Versions = { current?: Resource | undefined; previous?: Resource | undefined }

/** @param about `CarePlan/1`, `ServiceRequest/1` or `Task/1`, as it was before and as this change has left it */
export function toScheduleChange(about: string, { current, previous }: Versions, at: Date): ScheduleChange {
  const isBegun = isAsking(current?.status) && !isAsking(previous?.status)
  const isMine = (one: AskedFor) => one.about === about || (!one.isShared && `CarePlan/${one.carePlan?.id}` === about)
  return { at, begins: (one) => isBegun && isMine(one) }
}

/**
 * The request, its CarePlan or its plan changed: each request that is asked for has a timer at its next moment. One whose schedule
 * is still the same goes on; one that is new, changed or resumed is followed from then on, and what was due before is not missed.
 * @param running the person's timers of this kind, as they are
 */
export function arrange(asked: AskedFor[], running: Timer[], { at, begins }: ScheduleChange): TimerDecision[] {
  const wanted = new Set(asked.map((one) => timerId(keyOf(one))))
  const gone = running.filter((timer) => !wanted.has(timerId(timer)))
  const runs = new Map(running.map((timer) => [timerId(timer), followingOf(timer)]))
  return [
    ...gone.map((timer): TimerDecision => ({ act: 'drop', timer })),
    ...asked.flatMap((one) => {
      const known = runs.get(timerId(keyOf(one)))
      if (known?.digest !== one.digest) return [next(one, { digest: one.digest, from: at, since: at })]
      // A change before it, read in the same round, found it already there and follows it from too early.
      if (!begins(one) || known.from >= at) return []
      return [next(one, { ...known, from: at, since: new Date(Math.max(+at, +known.since)) })]
    }),
  ]
}

/** What cannot be scheduled, once for each while its Task is open. */
export function tellProblems(problems: ScheduleProblem[], { subject, openTasks, now, newId }: FollowFacts): Task[] {
  return problems
    .filter((problem) => !openTasks.some((task) => isAbout(task, problem, subject)))
    .map((problem) => unscheduledTask(problem, { id: newId(), subject, now }))
}

/**
 * The next moment of a request has come. All moments until now are dealt with in order, those too that passed while nobody looked:
 * what was missed meanwhile is missing, but nobody is reminded of what is over.
 * @param results what may have come for it since the first of the windows opened: see `resultsFrom`
 */
export function ring(timer: Timer, results: Resource[], facts: FollowFacts): Followed {
  const { asked, now } = facts
  const one = asked.find((each) => timerId(keyOf(each)) === timerId(timer))
  const known = followingOf(timer)
  if (!one || !known) return { tasks: [], requests: [], timers: [] }
  // What changes by an event was arranged anew then. A plan's own policy may have changed meanwhile: it holds from here on.
  const following = { ...known, digest: one.digest }
  const moments = momentsAfter(one, { from: following.from, after: following.since, countMax: MOMENT_COUNT_MAX })
  const passed = moments.filter(({ at }) => at <= now)
  const decisions =
    passed.length > 0 ? act(one, passed, results, { ...facts, from: following.from }) : { tasks: [], requests: [] }
  const since = passed.length === MOMENT_COUNT_MAX ? (passed.at(-1)?.at ?? now) : now
  return { ...decisions, timers: [next(one, { ...following, since })] }
}

/** From when on results must be known to deal with what this timer waits for. */
export function resultsFrom(asked: AskedFor, timer: Timer): Date | undefined {
  const following = followingOf(timer)
  if (!following) return undefined
  const [first] = momentsAfter(asked, { from: following.from, after: following.since, countMax: 1 })
  return first && new Date(first.occurrence.opensAt.getTime() - OVERLAP)
}

/** Windows may overlap: a result that lies in two goes to the earlier, which must then be known. */
const OVERLAP = 2 * 86_400_000

/**
 * A result has come. What nobody has begun to look for is taken back, and one that nobody had asked for is told where a plan
 * listens to that.
 * @param results those of around its time, itself among them; needed where a plan listens to `occurrence-extra`
 */
export function receive(result: Resource, results: Resource[], facts: FollowFacts): Followed {
  const { asked, openTasks, subject, now } = facts
  const mine = asked.filter((one) => isResultOf(one, result))
  const missing = mine.flatMap((one) => findMissingTask(openTasks, one, subject) ?? [])
  const waiting = missing.filter(({ status }) => status === 'requested')
  const tasks = withdrawTasks(waiting, REASONS.measured, now).map((task) => ({ act: 'update' as const, task }))
  const requests = mine
    .filter((one) => one.heard.has('extra') && isExtra(one, result, results))
    .map((one) => eventOf(one, 'extra', new Date(madeAt(result)), facts, `${result.resourceType}/${result.id}`))
  return { tasks, requests, timers: [] }
}

/** From when on results must be known to say whether one is extra. */
export const resultsAround = (result: Resource): Date => new Date(madeAt(result) - OVERLAP)

function isExtra(asked: AskedFor, result: Resource, results: Resource[]): boolean {
  const at = madeAt(result)
  const occurrences = occurrencesBetween(asked, new Date(at - OVERLAP), new Date(at))
  return fulfil(asked, occurrences, results).extra.some(({ id }) => id === result.id)
}

/** The occurrences that close after `from` and open before `until`. */
export function occurrencesBetween(asked: AskedFor, from: Date, until: Date, countMax = 10_000): AskedOccurrence[] {
  const found: AskedOccurrence[] = []
  for (const occurrence of occurrencesFrom(asked, from)) {
    if (occurrence.opensAt > until || found.length >= countMax) break
    found.push(occurrence)
  }
  return found
}

type Acted = Pick<Followed, 'tasks' | 'requests'>

function act(
  asked: AskedFor,
  passed: ScheduleMoment[],
  results: Resource[],
  facts: FollowFacts & { from: Date },
): Acted {
  const { now, from } = facts
  const begin = Math.min(...passed.map(({ occurrence }) => occurrence.opensAt.getTime())) - OVERLAP
  const occurrences = occurrencesBetween(asked, new Date(begin), now).filter(({ dueAt }) => dueAt >= from)
  const { fulfilments } = fulfil(asked, occurrences, results)
  const done = new Set(fulfilments.filter(({ result }) => result).map(({ occurrence }) => occurrence.dueAt.getTime()))
  const open = passed
    .filter(({ occurrence }) => !done.has(occurrence.dueAt.getTime()))
    .filter(({ kind, occurrence }) => kind === 'missing' || occurrence.closesAt > now)
  // Of several moments of one occurrence that passed unseen, the last says it.
  const told = open.filter(
    (one, i) => !open.slice(i + 1).some((later) => +later.occurrence.dueAt === +one.occurrence.dueAt),
  )
  return told.reduce<Acted>((acted, moment) => merge(acted, actOn(asked, moment, acted.tasks, facts)), {
    tasks: [],
    requests: [],
  })
}

function merge(one: Acted, other: Acted): Acted {
  const ids = new Set(other.tasks.map(({ task }) => task.id))
  return {
    tasks: [...one.tasks.filter(({ task }) => !ids.has(task.id)), ...other.tasks],
    requests: [...one.requests, ...other.requests],
  }
}

function actOn(asked: AskedFor, moment: ScheduleMoment, before: Acted['tasks'], facts: FollowFacts): Acted {
  const { kind, occurrence } = moment
  const { subject, now, newId } = facts
  const isHeard = asked.heard.has(kind)
  const isEvent = isHeard || (kind === 'missing' && asked.policy.missing === 'event')
  const requests = isEvent ? [eventOf(asked, kind, occurrence.dueAt, facts)] : []
  if ((kind === 'reminder' || kind === 'grace') && !isHeard) {
    const resource = toReminder(asked, moment, { id: newId(), subject, now }) as unknown as Resource
    return { tasks: [], requests: [{ act: 'create', resource }] }
  }
  const isForTeam = kind === 'missing' && (asked.policy.missing ?? (isHeard ? 'event' : 'task')) === 'task'
  if (!isForTeam) return { tasks: [], requests }
  const known = before.find(({ task }) => findMissingTask([task], asked, subject))
  const open = known?.task ?? findMissingTask(facts.openTasks, asked, subject)
  if (!open)
    return { tasks: [{ act: 'create', task: missingTask(asked, occurrence, { id: newId(), subject, now }) }], requests }
  return { tasks: [{ act: known?.act ?? 'update', task: joinMissing(open, asked, occurrence, now) }], requests }
}

function eventOf(
  asked: AskedFor,
  kind: OccurrenceEventKind,
  at: Date,
  { subject, now, newId }: FollowFacts,
  about?: string,
) {
  const basic = toOccurrenceEvent(asked, { kind, at, subject, now, ...(about ? { about } : {}) })
  return { act: 'create' as const, resource: { ...basic, id: newId() } as unknown as Resource }
}

const keyOf = ({ about, name }: AskedFor) => ({ kind: 'occurrence' as const, about, name })

/** The timer at a request's next moment; dropped when there is none any more. */
function next(asked: AskedFor, { digest, from, since }: Following): TimerDecision {
  const [moment] = momentsAfter(asked, { from, after: since, countMax: 1 })
  if (!moment) return { act: 'drop', timer: keyOf(asked) }
  const payload = { digest, from: from.toISOString(), since: since.toISOString() }
  return { act: 'set', timer: { ...keyOf(asked), dueAt: moment.at, payload } }
}

/** Since when a request is followed in this form, and until when its moments have been dealt with. */
export function followingOf({ payload }: Timer): Following | undefined {
  const { digest, from, since } = payload ?? {}
  if (typeof digest !== 'string' || typeof from !== 'string' || typeof since !== 'string') return undefined
  return { digest, from: new Date(from), since: new Date(since) }
}
