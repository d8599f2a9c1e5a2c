import type { Task } from '@medplum/fhirtypes'
import { escalate } from './escalation.ts'
import { type Mark, withMarks } from './task-marks.ts'

const AT = new Date('2026-11-10T08:30:00Z')
const WARD = { reference: 'CareTeam/ward' }
const DOCTOR = { reference: 'Practitioner/doctor' }

function taskWith(...steps: Mark['steps'][]): Task {
  const task: Task = { resourceType: 'Task', id: 'red', status: 'requested', intent: 'order', owner: WARD }
  const marks = steps.map((some): Mark => ({ kind: 'deadline', at: AT, steps: some }))
  return withMarks(task, marks)
}

function noticesOf(task: Task, now = AT) {
  let count = 0
  return escalate(task, now, () => `new-${count++}`).notices
}

const toldTo = (task: Task) => noticesOf(task).map(({ recipient }) => recipient?.[0]?.reference)

test('whoever is notified by several steps of one moment is told once, whether named or because they have the Task', () => {
  const steps: Mark['steps'] = [{ act: 'notify' }, { act: 'notify', to: WARD }, { act: 'notify', to: DOCTOR }]
  expect(toldTo(taskWith(steps, [{ act: 'notify', to: DOCTOR }]))).toEqual(['CareTeam/ward', 'Practitioner/doctor'])
})

test('two who are known by an identifier alone are two', () => {
  const known = (value: string) => ({ identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.4', value } })
  const steps: Mark['steps'] = ['9144900', '9144889', '9144900'].map((hpr) => ({ act: 'notify', to: known(hpr) }))
  const told = noticesOf(taskWith(steps)).map(({ recipient }) => recipient?.[0]?.identifier?.value)
  expect(told).toEqual(['9144900', '9144889'])
})

test('a Task that changes hands between two steps is told of to both', () => {
  const steps: Mark['steps'] = [{ act: 'notify' }, { act: 'reassign', to: DOCTOR }, { act: 'notify' }]
  expect(toldTo(taskWith(steps))).toEqual(['CareTeam/ward', 'Practitioner/doctor'])
})

test('each notice of a moment has an identifier of its own', () => {
  const notices = noticesOf(taskWith([{ act: 'notify' }, { act: 'notify', to: DOCTOR }]))
  expect(notices.map(({ identifier }) => identifier?.[0]?.value)).toEqual([
    'Task/red|2026-11-10T08:30:00.000Z|0',
    'Task/red|2026-11-10T08:30:00.000Z|1',
  ])
})

test('before its moment nothing is told', () => {
  const steps: Mark['steps'] = [{ act: 'notify' }]
  expect(noticesOf(taskWith(steps), new Date(AT.getTime() - 1))).toEqual([])
})
