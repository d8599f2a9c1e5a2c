import { acting } from '../access/acting.ts'
import { snoozeOf, snoozeTask, wakeTask } from '../core/decide/task/snooze.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { changeTask } from './change-task.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'

const TASK: Parameter[] = [{ name: 'return', type: 'Task', min: 1, max: '1', documentation: 'The Task as it now is.' }]

/**
 * Task/{id}/$snooze: puts a Task aside until a moment. The same finding then disturbs nobody, but is counted; a red one breaks it.
 * @throws Refusal business-rule (red, closed), value (the end), required (reason, until)
 */
export const taskSnooze: Operation = {
  code: 'snooze',
  title: 'Put a Task aside',
  description: 'Known and accepted until a moment: the Task is on hold, and what comes of the same finding is counted.',
  resource: ['Task'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    { name: 'reason', type: 'string', min: 1, max: '1', documentation: 'Why it is known and accepted.' },
    { name: 'until', type: 'instant', min: 1, max: '1', documentation: 'When it comes back; 90 days at most.' },
  ],
  out: TASK,
  handler(exchange, rooms) {
    const given = readGiven(exchange, taskSnooze)
    const asked = { reason: given.text('reason') ?? '', until: new Date(given.text('until') ?? '') }
    if (asked.reason.trim() === '') throw refuse('required', 'Say why it is put aside.', 'reason')
    return changeTask(exchange, rooms, (task) =>
      snoozeTask(task, { ...asked, by: acting(exchange.access), now: rooms.now() }),
    )
  },
}

/** Task/{id}/$wake: brings a Task back before its time. @throws Refusal business-rule for one that is not put aside */
export const taskWake: Operation = {
  code: 'wake',
  title: 'Bring a Task back',
  description: 'Ends a snooze: the Task is as it was before, with a note of what was suppressed.',
  resource: ['Task'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [],
  out: TASK,
  handler(exchange, rooms) {
    readGiven(exchange, taskWake)
    return changeTask(exchange, rooms, (task) => {
      if (!snoozeOf(task)) throw refuse('business-rule', 'This Task is not put aside.', 'Task.status')
      return wakeTask(task, rooms.now(), 'Hentet tilbake før tiden.')
    })
  },
}
