import { after, before, longestMilliseconds } from '../time/duration.ts'
import { dayAt, startOfDay } from '../timing/wall-clock.ts'
import type { AskedFor } from './asked-for.ts'

/** One time at which a person is asked for something. */
export type AskedOccurrence = {
  dueAt: Date
  /** From here on a result counts for it. */
  opensAt: Date
  /** From here on it is missing, if nothing came: due and grace. */
  closesAt: Date
  isOptional: boolean
}

/** Before and after a time of the day, where the policy says nothing. */
const WINDOW = 2 * 3_600_000
const DAY_LENGTH_MAX = 25 * 3_600_000

/** How far the window of an occurrence reaches beyond its due time, at most. */
const lagOf = ({ policy }: AskedFor) => (policy.grace ? longestMilliseconds(policy.grace) : DAY_LENGTH_MAX)

/** The occurrences that close after `from`, in order of their due time. May be endless. */
export function* occurrencesFrom(asked: AskedFor, from: Date): Generator<AskedOccurrence> {
  for (const planned of asked.plannedAfter(new Date(from.getTime() - lagOf(asked) - 1))) {
    const occurrence = toOccurrence(asked, planned)
    if (occurrence.closesAt > from) yield occurrence
  }
}

function toOccurrence(
  { policy, zone }: AskedFor,
  planned: { at: Date; earliest?: Date; isWholeDay: boolean; isOptional: boolean },
): AskedOccurrence {
  const at = planned.at.getTime()
  const day = dayAt(at, zone)
  const opens =
    policy.early !== undefined ? before(at, policy.early) : planned.isWholeDay ? startOfDay(day, zone) : at - WINDOW
  const closes =
    policy.grace !== undefined ? after(at, policy.grace) : planned.isWholeDay ? startOfDay(day + 1, zone) : at + WINDOW
  return {
    dueAt: planned.at,
    opensAt: new Date(Math.min(opens, planned.earliest?.getTime() ?? opens)),
    closesAt: new Date(closes),
    isOptional: planned.isOptional,
  }
}

/** What time brings for an occurrence. */
export type ScheduleMoment = { kind: 'reminder' | 'due' | 'grace' | 'missing'; at: Date; occurrence: AskedOccurrence }

/** Such moments are looked for among so many occurrences; one of optional ones alone may have none. */
const LOOK_AHEAD_COUNT = 1_000

/**
 * The moments strictly after `after` of occurrences that are due at `from` or later, in order.
 * @param from since when it is asked for: what was due before was not missed
 */
export function momentsAfter(
  asked: AskedFor,
  { from, after: since, countMax }: { from: Date; after: Date; countMax: number },
): ScheduleMoment[] {
  if (isSilent(asked)) return []
  const lead = Math.max(0, ...asked.policy.reminders.map(longestMilliseconds))
  const found: ScheduleMoment[] = []
  let looked = 0
  for (const occurrence of occurrencesFrom(asked, new Date(Math.max(from.getTime() - 1, since.getTime())))) {
    const enough = found.sort(inOrder)[countMax - 1]
    // Nothing that is due later can come before what is found already.
    if (enough && occurrence.dueAt.getTime() - lead > enough.at.getTime()) break
    if (++looked > LOOK_AHEAD_COUNT) break
    if (occurrence.dueAt < from) continue
    found.push(...momentsOf(asked, occurrence).filter(({ at }) => at > since))
  }
  return found.sort(inOrder).slice(0, countMax)
}

/** Where a rule takes up what comes unasked, the schedule has to be followed, even if nobody misses anything. */
const isWatched = ({ policy, heard }: AskedFor) =>
  policy.missing !== 'none' || (heard.has('extra') && !heard.has('missing'))

/** Nothing comes of any of its occurrences: a schedule without an end would be walked through in vain, at each change of its person's. */
const isSilent = (asked: AskedFor) =>
  asked.policy.reminders.length + asked.policy.nudges.length === 0 && !asked.heard.has('due') && !isWatched(asked)

function momentsOf(asked: AskedFor, occurrence: AskedOccurrence): ScheduleMoment[] {
  const { policy, heard } = asked
  const { dueAt, closesAt, isOptional } = occurrence
  const nudges = policy.nudges.map((lag) => new Date(after(dueAt.getTime(), lag))).filter((at) => at < closesAt)
  return [
    ...policy.reminders.map((lead) => ({
      kind: 'reminder' as const,
      at: new Date(before(dueAt.getTime(), lead)),
      occurrence,
    })),
    // Being due is a moment only where something comes of it: else the timer would be moved for nothing.
    ...(isOptional || !heard.has('due') ? [] : [{ kind: 'due' as const, at: dueAt, occurrence }]),
    ...nudges.map((at) => ({ kind: 'grace' as const, at, occurrence })),
    ...(isOptional || !isWatched(asked) ? [] : [{ kind: 'missing' as const, at: closesAt, occurrence }]),
  ]
}

const inOrder = (one: ScheduleMoment, other: ScheduleMoment) =>
  one.at.getTime() - other.at.getTime() || one.occurrence.dueAt.getTime() - other.occurrence.dueAt.getTime()
