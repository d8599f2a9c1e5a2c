import type { Task } from '@medplum/fhirtypes'
import type { Rule } from '../plan/compile-plan.ts'
import { colourIn } from '../words/coded-words.ts'
import { routeTask, routingOf } from './route-task.ts'
import { serviceLevelOf } from './service-level.ts'
import { hoursOf, type Staff } from './staff.ts'
import { marksFrom, withMarks } from './task-marks.ts'

type Asked = { rule: Pick<Rule, 'action' | 'activity'>; staff: Staff; now: Date }

/** Gives a new Task its place in the day's work: whose it is, and when it is late. Once more with other staff changes it. */
export function placeTask(task: Task, { rule: { action, activity }, staff, now }: Asked): Task {
  const { task: routed, queue } = routeTask(task, routingOf(action, activity), staff, now)
  const colour = colourIn(task.businessStatus) ?? 'yellow'
  const level = serviceLevelOf(action, activity, colour, now)
  const marks = marksFrom(level, now, hoursOf(queue?.reference, staff))
  return withMarks({ ...routed, restriction: { ...task.restriction, period: { start: now.toISOString() } } }, marks)
}
