import type { Task } from '@medplum/fhirtypes'
import { acting } from '../access/acting.ts'
import { isOpen } from '../core/decide/task/task-status.ts'
import { parseIfMatch } from '../core/fhir/etag.ts'
import { parseJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { mustBeAt } from '../store/refusals.ts'
import { changeTask } from './change-task.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'

/**
 * Task/{id}/$resend: the message that a Task of the code sending-failed is about goes out again, worked out anew; the Task is done. What comes of
 * it then is a Task of its own, if it fails again.
 * @throws Refusal conflict (412: another version stands than If-Match says), business-rule (the Task is about no message, or is closed, or the message is on its way already)
 */
export const taskResend: Operation = {
  code: 'resend',
  title: 'Send a message again',
  description:
    'Once what was wrong is mended: the message that could not be sent is worked out anew and goes out before all later ones about the patient. Its Task is completed.',
  resource: ['Task'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [],
  out: [{ name: 'return', type: 'Task', min: 1, max: '1', documentation: 'The Task as it now is.' }],
  async handler(exchange, rooms) {
    readGiven(exchange, taskResend)
    const { access, id } = exchange
    const current = await rooms.store.read(access, 'Task', id, 'u')
    // Before the message is touched: what is refused sends nothing.
    mustBeAt(current, parseIfMatch(exchange.headers.ifMatch))
    const task = parseJson(current.text ?? '{}') as Task
    const message = rooms.sentMessages.messageOf(task)
    if (message === undefined) {
      throw refuse(
        'business-rule',
        'This Task is about no message that could not be sent (code sending-failed).',
        'Task.code',
      )
    }
    if (!isOpen(task))
      throw refuse('business-rule', `This Task is ${task.status}; its message was seen to.`, 'Task.status')
    // First the message: were this killed in between, the Task would still be there.
    if (!(await rooms.sentMessages.resend(message))) {
      throw refuse('business-rule', 'The message is on its way already, or has arrived. Close the Task.', 'Task.status')
    }
    const note = { text: 'Sendt på nytt.', time: rooms.now().toISOString(), authorReference: acting(access) }
    return changeTask(exchange, rooms, (before) => ({
      ...before,
      status: 'completed',
      lastModified: rooms.now().toISOString(),
      note: [...(before.note ?? []), note],
    }))
  },
}
