import type { CarePlan, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { NOTHING } from '../decisions.ts'
import type { Ring } from '../ring.ts'
import { responsibilityMoved } from '../task/handover.ts'
import type { Owner } from '../task/task-marks.ts'
import type { TimerDecision } from '../timer.ts'
import { changesOf, changesToCome, mayFollow, type Planned, type PlannedChange, withChanges } from './planned-change.ts'

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
export const ringPlannedChange: Ring = ({ timer, about, carePlans, openTasks, now }) => {
  const resource = (carePlans.find(({ id }) => `CarePlan/${id}` === timer.about) ?? about) as Planned | undefined
  const due = resource ? changesToCome(resource).filter(({ at }) => Date.parse(at) <= now.getTime()) : []
  // What is planned for later now has its own moment.
  if (!resource || due.length === 0) return { ...NOTHING, timers: resource ? plannedTimers(resource, undefined) : [] }
  const moved = new Map<string, Task>()
  let changed = resource
  for (const change of due) changed = carriedOut(changed, change, { openTasks, moved, now })
  return {
    tasks: [...moved.values()].map((task) => ({ act: 'update', task })),
    requests: [{ act: 'update', resource: changed as unknown as Resource }],
    timers: plannedTimers(changed, undefined),
    trace: [],
  }
}

type Ground = { openTasks: Task[]; moved: Map<string, Task>; now: Date }

function carriedOut(resource: Planned, change: PlannedChange, { openTasks, moved, now }: Ground): Planned {
  const told = (outcome: PlannedChange['outcome']): PlannedChange[] =>
    changesOf(resource).map((one) => (one.id === change.id ? { ...one, done: now.toISOString(), outcome } : one))
  const { status, careTeam: to } = change
  if (status !== undefined) {
    if (!mayFollow(resource.status, status)) return withChanges(resource, told('not-needed'))
    return withChanges({ ...resource, status } as Planned, told('changed'))
  }
  const carePlan = resource as CarePlan
  const from = carePlan.careTeam?.[0] as Owner | undefined
  if (from?.reference === to.reference) return withChanges(carePlan, told('not-needed'))
  const standing = openTasks.map((task) => moved.get(String(task.id)) ?? task)
  const handed = { focus: `CarePlan/${carePlan.id}`, from, to }
  const { carePlan: after, tasks } = responsibilityMoved(carePlan, handed, standing, now)
  for (const task of tasks) moved.set(String(task.id), task)
  return withChanges(after, told('changed'))
}
