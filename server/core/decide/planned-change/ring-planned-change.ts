import type { CarePlan, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { NOTHING } from '../decisions.ts'
import type { Ring } from '../ring.ts'
import { engineTask } from '../task/engine-task.ts'
import { responsibilityMoved } from '../task/handover.ts'
import type { Owner } from '../task/task-marks.ts'
import type { TimerDecision } from '../timer.ts'
import type { Told } from '../words/told.ts'
import {
  changesOf,
  changesToCome,
  isRunning,
  mayFollow,
  type Planned,
  type PlannedChange,
  withChanges,
} from './planned-change.ts'

/**
 * The clock of what is planned for a CarePlan or ServiceRequest: one, at the next of its moments. Told whenever it is made or changed; a
 * resource for which nothing was or is planned costs nothing.
 */
export function plannedTimers(current: Planned | undefined, previous: Planned | undefined): TimerDecision[] {
  const resource = current ?? previous
  if (!resource) return []
  const key = keyOf(resource)
  const [next] = current ? changesToCome(current) : []
  if (next) return [{ act: 'set', timer: { ...key, dueAt: new Date(next.at) } }]
  return [current, previous].some((one) => one && changesOf(one).length > 0) ? [{ act: 'drop', timer: key }] : []
}

const keyOf = ({ resourceType, id }: Planned) =>
  ({ kind: 'planned-change', about: `${resourceType}/${id}`, name: 'next' }) as const

/** The moment of what was planned has come: it is done as the resource stands now, and it says that it was. */
export const ringPlannedChange: Ring = ({ timer, about, carePlans, openTasks, barred = new Map(), now, newId }) => {
  const resource = (carePlans.find(({ id }) => `CarePlan/${id}` === timer.about) ?? about) as Planned | undefined
  const due = resource ? changesToCome(resource).filter(({ at }) => Date.parse(at) <= now.getTime()) : []
  // What is planned for later now has its own moment.
  if (!resource || due.length === 0) return { ...NOTHING, timers: resource ? plannedTimers(resource, undefined) : [] }
  const moved = new Map<string, Task>()
  const told: Task[] = []
  let changed = resource
  for (const change of due) {
    // What an earlier change has ended goes to nobody.
    const why = isRunning(changed) ? barred.get(change.id) : undefined
    if (why && change.careTeam) told.push(refusedTask(changed as CarePlan, change.careTeam, { why, id: newId(), now }))
    changed = why
      ? withOutcome(changed, change, 'refused', now)
      : carriedOut(changed, change, { openTasks, moved, now })
  }
  return {
    tasks: [
      ...[...moved.values()].map((task) => ({ act: 'update' as const, task })),
      ...told.map((task) => ({ act: 'create' as const, task })),
    ],
    requests: [{ act: 'update', resource: changed as unknown as Resource }],
    timers: plannedTimers(changed, undefined),
    trace: [],
  }
}

type Ground = { openTasks: Task[]; moved: Map<string, Task>; now: Date }

function carriedOut(resource: Planned, change: PlannedChange, { openTasks, moved, now }: Ground): Planned {
  const { status, careTeam: to } = change
  if (status !== undefined) {
    if (!mayFollow(resource.status, status)) return withOutcome(resource, change, 'not-needed', now)
    return withOutcome({ ...resource, status } as Planned, change, 'changed', now)
  }
  const carePlan = resource as CarePlan
  const from = carePlan.careTeam?.[0] as Owner | undefined
  if (!isRunning(carePlan) || from?.reference === to.reference) return withOutcome(carePlan, change, 'not-needed', now)
  const standing = openTasks.map((task) => moved.get(String(task.id)) ?? task)
  const handed = { focus: `CarePlan/${carePlan.id}`, from, to }
  const { carePlan: after, tasks } = responsibilityMoved(carePlan, handed, standing, now)
  for (const task of tasks) moved.set(String(task.id), task)
  return withOutcome(after, change, 'changed', now)
}

const withOutcome = (resource: Planned, { id }: PlannedChange, outcome: PlannedChange['outcome'], now: Date): Planned =>
  withChanges(
    resource,
    changesOf(resource).map((one) => (one.id === id ? { ...one, done: now.toISOString(), outcome } : one)),
  )

/** Whoever has the responsibility keeps it, against what was planned: they must know, and find another way. */
function refusedTask(
  carePlan: CarePlan,
  { reference, display = reference }: Owner,
  { why, id, now }: { why: Told; id: string; now: Date },
): Task {
  const about = `CarePlan/${carePlan.id}`
  return engineTask({
    ...{ id, code: 'carry-out', colour: 'yellow', about, basedOn: [about], now },
    name: `${about}|*planned-change|${carePlan.subject.reference}|${now.toISOString()}`,
    told: {
      nb: `${display} skulle overta ansvaret nå, men det rettslige grunnlaget mangler: ${why.nb}. Ansvaret er fortsatt deres.`,
      nn: `${display} skulle ta over ansvaret no, men det rettslege grunnlaget manglar: ${why.nn}. Ansvaret er framleis dykkar.`,
      en: `${display} was to take over now, but the legal basis is not there: ${why.en}. The responsibility is still yours.`,
    },
    subject: carePlan.subject,
    owner: carePlan.careTeam?.[0],
  })
}
