import type { CarePlan, Goal, OperationOutcomeIssue, RequestGroupAction } from '@medplum/fhirtypes'
import { beside, pathsBeside } from '../core/apply/beside.ts'
import type { Proposed } from '../core/apply/edited-proposal.ts'
import { type Order, toAddedOrders } from '../core/apply/orders.ts'
import { choose, keyOf } from '../core/apply/selection.ts'
import { wordsOf } from '../core/decide/enrolment/goals-of-plan.ts'
import { type Limit, limitsOfCarePlan } from '../core/decide/limits/limits.ts'
import type { CompiledPlan, Rule } from '../core/decide/plan/compile-plan.ts'
import { madeAtEnrolment, madeBy } from '../core/decide/plan/steer.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { phaseOf } from '../core/requests/activity-life.ts'
import { type MovedActivity, moveActivities } from '../lifecycle/moved-activities.ts'
import { type GoalMove, moveGoals, withoutOwn } from '../lifecycle/moved-goals.ts'

/**
 * What a plan proposes for a patient who is in it: `$apply` without what the engine does later, with the engine's own access.
 * @param plan id of the PlanDefinition
 */
export type ProposeEnrolment = (plan: string, patient: string) => Promise<Proposed>

export type EnrolmentMoveRooms = {
  propose: ProposeEnrolment
  newId: (resource: Resource) => string
  now: Date
}

/** What a move of one enrolment comes to, beside that the CarePlan names another version. */
export type EnrolmentMove = {
  /** The CarePlan with the activities that it then has. */
  carePlan: CarePlan
  /** What was ordered, where it changes or ends. */
  moved: MovedActivity[]
  /** What is ordered beside it. */
  added: Order[]
  /** The Goals that are made, that end, and that the next version does not have but that are the person's own. */
  goals: { made: Goal[]; closed: GoalMove['closed']; kept: Goal[] }
  /** Why something that the next version may ask for could not be decided. */
  undecided: string[]
}

type Enrolment = {
  carePlan: CarePlan
  patient: string
  /** The patient's; of Tasks the open ones and those that were made for this enrolment. */
  requests: Resource[]
  goals: Goal[]
}

/**
 * Works out what a move to another version means for the activities of one person: those of both go on, by the new version; those that
 * are gone end; those that are new are proposed for this patient now, and ordered as at an enrolment. An action that the person's plan
 * had, and that was left out when they began, is not ordered now.
 * Reads the patient's facts for what is new; writes nothing.
 */
export async function toEnrolmentMove(
  rooms: EnrolmentMoveRooms,
  { carePlan, patient, requests, goals }: Enrolment,
  versions: { from: CompiledPlan; to: CompiledPlan },
): Promise<EnrolmentMove> {
  const { now } = rooms
  const { closed, kept, wanted } = moveGoals(carePlan, goals, { ...versions, now })
  const reference = `CarePlan/${carePlan.id}`
  const moved = moveActivities(requests, { carePlan: reference, ...versions, now })
  const after = new Map(moved.map(({ before, after }) => [before, after]))
  const existing = requests.map((request) => after.get(request) ?? request)
  const known = enrolmentPaths(versions.from.rules)
  const isNew = [...enrolmentPaths(versions.to.rules)].some((path) => !known.has(path))
  // Most versions ask for nothing new, and then nothing is worked out for each person.
  const proposed =
    isNew || wanted.size > 0 ? await rooms.propose(String(versions.to.definition.id), patient) : undefined
  const making = { ...rooms, known }
  const asked = { carePlan, requests: existing }
  const { orders, undecided } = proposed && isNew ? newOrders(making, asked, { proposed, to: versions.to }) : NOTHING
  const ending = new Set(closed.map(({ before }) => before.id))
  const staying = goals.filter(({ id }) => !ending.has(id))
  const own = limitsOfCarePlan(carePlan, staying)
  const made = proposed ? newGoals(proposed, wanted, { ...rooms, own }) : []
  const [enrolment, ...added] = orders
  const ordered = (enrolment?.resource as CarePlan | undefined) ?? carePlan
  return { carePlan: withGoals(ordered, made), moved, added, goals: { made, closed, kept }, undecided }
}

const NOTHING = { orders: [], undecided: [] }

/** The Goals that a proposal makes of what only the next version aims at. */
function newGoals(
  { carePlan, contained }: Proposed,
  wanted: ReadonlySet<string>,
  { newId, own }: EnrolmentMoveRooms & { own: Limit[] },
): Goal[] {
  const proposed = (carePlan.goal ?? []).map(
    ({ reference }) => contained.get(reference?.replace(/^#/, '') ?? '') as (Goal & Resource) | undefined,
  )
  return proposed.flatMap((goal) =>
    goal && wanted.has(wordsOf(goal))
      ? [{ ...withoutOwn(goal, own), id: newId(goal), lifecycleStatus: 'active' as const }]
      : [],
  )
}

const withGoals = (carePlan: CarePlan, made: Goal[]): CarePlan =>
  made.length === 0
    ? carePlan
    : { ...carePlan, goal: [...(carePlan.goal ?? []), ...made.map(({ id }) => ({ reference: `Goal/${id}` }))] }

function newOrders(
  { known, newId, now }: EnrolmentMoveRooms & { known: ReadonlySet<string> },
  { carePlan, requests }: Pick<Enrolment, 'carePlan' | 'requests'>,
  { proposed, to }: { proposed: Proposed; to: CompiledPlan },
): { orders: Order[]; undecided: string[] } {
  const part = beside(proposed, known)
  const { actions, issues } = choose(part.group.action ?? [], new Set())
  const undecided = [...problemsOf(proposed, known), ...issues.map(({ diagnostics }) => diagnostics)]
  const running = runningPaths(requests, { url: to.url, carePlan: `CarePlan/${carePlan.id}` })
  const wanted = pathsBeside({ ...part, group: { ...part.group, action: actions } }, known)
  const paths = wanted.difference(running)
  if (paths.size === 0) return { orders: [], undecided }
  const orders = toAddedOrders({
    ...{ carePlan, paths, proposed, newId, now },
    planUrl: to.url,
    period: { start: now.toISOString() },
    careTeam: carePlan.careTeam ?? [],
    identifier: [],
    notes: [],
    existing: requests,
  })
  return { orders, undecided }
}

/** The actions that are carried out when somebody is enrolled, by their paths: those with a trigger or of a stage, and what is below them, wait for it. */
function enrolmentPaths(rules: Rule[]): Set<string> {
  return new Set(
    rules.flatMap((rule) =>
      rule.triggers.length > 0 || rule.stage !== undefined ? [] : [pathOf(rule), ...enrolmentPaths(rule.children)],
    ),
  )
}

/** As a proposal has it: an action without an id goes by its words there, and by its place among the rules. */
const pathOf = ({ id, action }: Rule): string =>
  action.id ? id : id.replace(/(?:\.?action\[\d+\])+$/, '') + keyOf(action as RequestGroupAction)

/** What was ordered for this enrolment by an action of the plan, and runs: moved back and moved again, nothing is ordered twice. */
function runningPaths(requests: Resource[], { url, carePlan }: { url: string; carePlan: string }): Set<string> {
  const own = requests.filter((one) => madeAtEnrolment(one, carePlan) && phaseOf(one) !== undefined)
  return new Set(own.flatMap((one) => (madeBy(one)?.url === url ? (madeBy(one)?.actionId ?? []) : [])))
}

/** What could not be evaluated while the plan was applied; of an action that the person's plan had already, it was told then. */
function problemsOf({ contained }: Proposed, known: ReadonlySet<string>): string[] {
  const ids = new Set([...known].flatMap((path) => [path, path.slice(path.lastIndexOf('.') + 1)]))
  const outcomes = [...contained.values()].filter(({ resourceType }) => resourceType === 'OperationOutcome')
  return outcomes
    .flatMap(({ issue }) => issue as OperationOutcomeIssue[])
    .filter(({ details }) => !ids.has(details?.coding?.[0]?.code ?? ''))
    .flatMap(({ diagnostics }) => diagnostics ?? [])
}
