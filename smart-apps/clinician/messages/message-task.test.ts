import { expect, test } from '@jest/globals'
import type { Task } from '@medplum/fhirtypes'
import type { Message } from '../../fhir/thread.ts'
import { taskOfMessage, tasksOf } from './message-task.ts'

const NOW = new Date('2026-11-23T10:00:00Z')
const message: Message = {
  ...{ id: '7', text: 'Måleren virker ikke.', at: NOW, from: 'patient' },
  stored: { resourceType: 'Communication', id: '7', status: 'completed' },
}
const about = { act: 'a', now: NOW, patient: 'line', doer: { reference: 'Practitioner/kari' } }
const owner = { reference: 'CareTeam/b', display: 'Utstyrslageret' }

test.each([
  ['within2h', 'urgent', '2026-11-23T12:00:00.000Z'],
  ['today', 'routine', undefined],
] as const)('%s: a Task about the message that is %s, for whoever is to do it', (until, priority, end) => {
  const { resource, request } = taskOfMessage(about, { message, owner, words: 'Bytt måleren.', until })
  expect(resource).toMatchObject({
    ...{ status: 'requested', priority, owner, focus: { reference: 'Communication/7' } },
    ...{ for: { reference: 'Patient/line' }, requester: about.doer, reasonCode: { text: 'Bytt måleren.' } },
    restriction: { period: { start: NOW.toISOString(), end: end ?? expect.any(String) } },
  })
  // Sent twice it is made once.
  expect(request?.ifNoneExist).toContain('|a.carry-out')
})

test('of a message are the Tasks that are about it, the newest first', () => {
  const task = (id: string, authoredOn: string, focus = 'Communication/7'): Task => ({
    ...{ resourceType: 'Task', id, status: 'requested', intent: 'order', authoredOn, focus: { reference: focus } },
  })
  const tasks = [task('1', '2026-11-20'), task('2', '2026-11-21'), task('3', '2026-11-22', 'Communication/8')]
  expect(tasksOf(tasks, message).map(({ id }) => id)).toEqual(['2', '1'])
})
