import type { Task } from '@medplum/fhirtypes'
import type { Colour } from '../plan/vocabulary.ts'
import { endedAt } from '../task/task-end.ts'
import { isOpen } from '../task/task-status.ts'
import { colourIn } from '../words/coded-words.ts'
import { causeOf } from './real-work.ts'
import type { ConditionShown, SimulatedTask } from './simulated-tasks.ts'

/** A Task that the engine really made: as it made it, and as it is now. */
export type RealTask = { made: Task; task: Task; at: Date }

/**
 * How a real Task came out in the simulation: `same` of the very same finding; `covered` by another of the same cause that was open
 * at some of the time, or of the same colour that rests on the same measurement; `missed`.
 */
export type Match = {
  real: RealTask
  outcome: 'same' | 'covered' | 'missed'
  /** Why not: what the rule asked about the same measurement. */
  conditions?: ConditionShown[]
  /** What there was; of one that was missed, what stood in its place in another colour. */
  simulated?: SimulatedTask
}
export type Comparison = {
  matches: Match[]
  /** Simulated, and nothing of the kind was there. */
  fresh: SimulatedTask[]
}

/** Holds what would have been made against what was, for one patient. */
export function compare(real: RealTask[], simulated: SimulatedTask[], urls: ReadonlySet<string>): Comparison {
  const matches = real.map((one) => match(one, simulated, urls))
  const used = new Set(matches.flatMap(({ outcome, simulated: own }) => (own && outcome !== 'missed' ? [own] : [])))
  const fresh = simulated.filter(
    (one) => !used.has(one) && !real.some((other) => isLike(one, other, urls) && isAsRed(other, one)),
  )
  return { matches, fresh }
}

function match(real: RealTask, simulated: SimulatedTask[], urls: ReadonlySet<string>): Match {
  const same = simulated.find(({ counterpart, made }) => counterpart === real.task.id && isAsRed(made, real))
  if (same) return { real, outcome: 'same', simulated: same }
  const like = simulated.filter((one) => isLike(one, real, urls))
  const covering = like.find((one) => isAsRed(one, real))
  if (covering) return { real, outcome: 'covered', simulated: covering }
  const instead = like[0] ?? simulated.find(({ made }) => restOnTheSame(made, real.made))
  return { real, outcome: 'missed', ...(instead ? { simulated: instead } : {}) }
}

/** A red is not made good by what is milder. */
const isAsRed = (one: Task | SimulatedTask | RealTask, real: SimulatedTask | RealTask): boolean =>
  colourOfTask('made' in one ? one.made : one) === 'red' || colourOfTask(real.made) !== 'red'

const isLike = (one: SimulatedTask, real: RealTask, urls: ReadonlySet<string>): boolean =>
  (causeOf(one.made, urls) === causeOf(real.made, urls) && overlap(one, real)) ||
  (colourOfTask(one.made) === colourOfTask(real.made) && restOnTheSame(one.made, real.made))

type Lying = { at: Date; task: Task }
const overlap = (one: Lying, other: Lying): boolean =>
  one.at.getTime() <= closedAt(other.task) && other.at.getTime() <= closedAt(one.task)

/** Milliseconds; of an open one never. */
const closedAt = (task: Task): number => (isOpen(task) ? Number.NaN : endedAt(task)) || Number.POSITIVE_INFINITY

/** What a Task rests on, without versions. */
export const evidenceOf = ({ input = [] }: Task): string[] =>
  input.flatMap(({ type, valueReference }) =>
    type?.coding?.[0]?.code === 'evidence' ? (valueReference?.reference?.split('/_history/')[0] ?? []) : [],
  )

function restOnTheSame(one: Task, other: Task): boolean {
  const known = new Set(evidenceOf(one))
  return evidenceOf(other).some((reference) => known.has(reference))
}

/** Grey for one that has no colour: it is missing or not assessable. */
export const colourOfTask = ({ businessStatus }: Task): Colour => colourIn(businessStatus) ?? 'grey'
