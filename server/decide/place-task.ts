import type { ActivityDefinition, PlanDefinitionAction, Task } from '@medplum/fhirtypes'
import { routeTask, routingOf } from './route-task.ts'
import { serviceLevelOf } from './service-level.ts'
import { hoursOf, type Staff } from './staff.ts'
import { marksFrom, withMarks } from './task-marks.ts'

type Asked = {
  action: PlanDefinitionAction
  activity: ActivityDefinition | undefined
  /** The deadline when the plan says none. */
  defaultMinutes: number
  staff: Staff
  now: Date
}

/** Gives a new Task its place in the day's work: whose it is, and when it is late. */
export function placeTask(task: Task, { action, activity, defaultMinutes, staff, now }: Asked): Task {
  const { task: routed, queue } = routeTask(task, routingOf(action, activity), staff, now)
  const level = serviceLevelOf(action, activity, defaultMinutes)
  const marks = marksFrom(level, now, hoursOf(queue?.reference, staff))
  return withMarks({ ...routed, restriction: { period: { start: now.toISOString() } } }, marks)
}
