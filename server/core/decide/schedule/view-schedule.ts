import type { Reference, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { Handling } from '../decision-record.ts'
import { asOwner as ownerOf } from '../silence/silence-owner.ts'
import { isAnnounced as isAnnouncedResult, type Unsent } from '../silence/sync-status.ts'
import { restsOn } from '../task/finding-task.ts'
import { isOpen } from '../task/task-status.ts'
import type { Timer } from '../timer.ts'
import type { AskedFor } from './asked-for.ts'
import { followingOf, occurrencesBetween } from './follow-schedule.ts'
import { type Fulfilment, fulfil, isResultOf, type OccurrenceState, stateOf } from './fulfilment.ts'
import { madeAt } from './made-at.ts'
import type { AskedOccurrence } from './occurrences.ts'

/**
 * Why nothing is heard, told apart; each has somebody who can end it, and a moment since when it lasts.
 *
 * | silence | what is known | whose |
 * |---|---|---|
 * | `not-measured` | the time is over and nothing came | who answers for silence in this plan |
 * | `not-sent` | a result is announced (registered, preliminary, in progress) but not final, or a device holds some | the patient |
 * | `not-evaluated` | it came, and the engine has not come to it, or has set it aside | the operator |
 * | `not-opened` | its Task waits, and nobody has begun | the Task's owner |
 * | `not-decided` | somebody has begun with its Task | the Task's owner |
 */
export type Silence = {
  kind: 'not-measured' | 'not-sent' | 'not-evaluated' | 'not-opened' | 'not-decided'
  since: Date
  /** Nobody by reference where it is the operator's. */
  owner?: Reference
}

/** One line of a person's plan of what to measure and answer. */
export type ScheduleLine = {
  asked: AskedFor
  occurrence: AskedOccurrence
  state: OccurrenceState
  result?: Resource
  silence?: Silence
}

export type ViewFacts = {
  /** `Patient/1` */
  subject: string
  asked: AskedFor[]
  /** The timers by which the person's schedule is followed: what was due before that was not asked for then. */
  timers: Timer[]
  /** Results of any status, from a window before `from` on. */
  results: Resource[]
  openTasks: Task[]
  /** What devices tell that they hold and have not sent. */
  unsent?: Unsent[]
  /** How far the engine is with a result. */
  handlingOf: (result: Resource) => Handling
  now: Date
}

/** What a person is asked for between two moments, by due time, how it stands with each, and what came without having been asked for. */
export function viewSchedule(
  facts: ViewFacts,
  period: { from: Date; until: Date },
): { lines: ScheduleLine[]; extra: { asked: AskedFor; result: Resource }[] } {
  const views = facts.asked.map((asked) => viewOne(asked, facts, period))
  const lines = views.flatMap((view) => view.lines)
  return {
    lines: lines.sort((one, other) => one.occurrence.dueAt.getTime() - other.occurrence.dueAt.getTime()),
    extra: views.flatMap((view) => view.extra),
  }
}

/** Windows may reach into the period from before it. */
const LEAD = 2 * 86_400_000

function viewOne(asked: AskedFor, facts: ViewFacts, { from, until }: { from: Date; until: Date }) {
  const { results, now } = facts
  const timer = facts.timers.find(({ about, name }) => about === asked.about && name === asked.name)
  const followedFrom = timer && followingOf(timer)?.from
  const occurrences = occurrencesBetween(asked, new Date(from.getTime() - LEAD), until)
  const { fulfilments, extra } = fulfil(asked, occurrences, results)
  const lines = fulfilments
    .filter(({ occurrence: { dueAt } }) => dueAt >= from && dueAt < until)
    .filter(({ occurrence, result }) => result || !followedFrom || occurrence.dueAt >= followedFrom)
    .map((fulfilment): ScheduleLine => {
      const { occurrence, result } = fulfilment
      const silence = silenceOf(asked, fulfilment, facts)
      const state = stateOf(fulfilment, now)
      return { asked, occurrence, state, ...(result ? { result } : {}), ...(silence ? { silence } : {}) }
    })
  const isWithin = (result: Resource) => madeAt(result) >= from.getTime() && madeAt(result) < until.getTime()
  return { lines, extra: extra.filter(isWithin).map((result) => ({ asked, result })) }
}

function silenceOf(asked: AskedFor, fulfilment: Fulfilment, facts: ViewFacts): Silence | undefined {
  const { occurrence, result } = fulfilment
  if (result) return silenceAfter(result, facts)
  const announced = facts.results.find((one) => isAnnounced(asked, occurrence, one))
  const patient = { reference: facts.subject }
  if (announced) return { kind: 'not-sent', since: cameAt(announced), owner: patient }
  if (stateOf(fulfilment, facts.now) !== 'missing') return undefined
  const held = facts.unsent?.find(({ since }) => since < occurrence.closesAt)
  if (held) return { kind: 'not-sent', since: held.since, owner: patient }
  const owner = asked.policy.owner ?? asOwner(asked).owner ?? asked.carePlan?.careTeam?.[0]
  return { kind: 'not-measured', since: occurrence.closesAt, ...(owner ? { owner } : {}) }
}

/** What came is silent as long as it is not evaluated, and its Task as long as nobody has decided. */
function silenceAfter(result: Resource, { openTasks, handlingOf }: ViewFacts): Silence | undefined {
  if (handlingOf(result) !== 'handled') return { kind: 'not-evaluated', since: cameAt(result) }
  const reference = `${result.resourceType}/${result.id}`
  const task = openTasks.find((one) => isOpen(one) && restsOn(one, reference))
  if (!task) return undefined
  const kind = task.status === 'requested' ? 'not-opened' : 'not-decided'
  const since = new Date((kind === 'not-opened' ? task.authoredOn : task.lastModified) ?? cameAt(result))
  return { kind, since, ...(task.owner ? { owner: task.owner } : {}) }
}

const asOwner = ({ silence }: AskedFor) => (silence ? ownerOf(silence.owner) : {})

function isAnnounced(asked: AskedFor, { opensAt, closesAt }: AskedOccurrence, result: Resource): boolean {
  if (!isAnnouncedResult(result)) return false
  const at = madeAt(result)
  return at >= opensAt.getTime() && at < closesAt.getTime() && isResultOf(asked, { ...result, status: 'final' })
}

const cameAt = (result: Resource) => new Date(result.meta?.lastUpdated ?? madeAt(result))
