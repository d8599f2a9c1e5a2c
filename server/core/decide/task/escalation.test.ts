import type { CarePlan, CodeableConcept, Task } from '@medplum/fhirtypes'
import { LANGUAGES } from '../words/language.ts'
import { translated } from '../words/translated.ts'
import { claimTask, queueOf } from './claim.ts'
import { escalate } from './escalation.ts'
import { type Mark, marksOf, withMarks } from './task-marks.ts'

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

const inEachLanguage = (note: object = {}) => LANGUAGES.map((language) => translated(note, 'text', language))

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

test.each([
  [WARD, 'CareTeam/ward', 'CareTeam/ward'],
  [undefined, 'ingen', 'nobody'],
])('a Task that is handed over from %j says from whom to whom, in three languages', (owner, nb, en) => {
  const { owner: _owner, ...task } = taskWith([{ act: 'reassign', to: DOCTOR }])
  const { note } = escalate({ ...task, ...(owner ? { owner } : {}) }, AT, () => 'new').task
  expect(inEachLanguage(note?.[0])).toEqual([
    `Fristen er passert: gitt fra ${nb} til Practitioner/doctor.`,
    `Fristen er passert: gitt frå ${nb} til Practitioner/doctor.`,
    `The deadline has passed: given from ${en} to Practitioner/doctor.`,
  ])
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

describe('a role', () => {
  const NURSE = { coding: [{ system: 'http://x.no/roles', code: 'nurse', display: 'Sykepleier' }] }
  const ON_CALL = { coding: [{ system: 'http://x.no/roles', code: 'on-call', display: 'Vaktlege' }] }
  const steps: Mark['steps'] = [
    { act: 'reassign', role: ON_CALL },
    { act: 'notify', role: ON_CALL },
  ]
  const forNurse = (task: Partial<Task> = {}): Task => ({ ...taskWith(steps), performerType: [NURSE], ...task })
  const escalated = (task: Task) => escalate(task, AT, () => 'new')

  test('is asked beside those who were, in the same queue, which is told whom the Task waits for', () => {
    const { task, notices } = escalated(forNurse({ description: 'Svar på rødt funn' }))
    expect(task).toMatchObject({ owner: WARD, status: 'requested', performerType: [NURSE, ON_CALL] })
    expect(inEachLanguage(task.note?.[0])).toEqual([
      'Fristen er passert: oppgaven er nå også for vaktlege.',
      'Fristen er passert: oppgåva er no også for vaktlege.',
      'The deadline has passed: the task is now also for vaktlege.',
    ])
    expect(notices).toMatchObject([
      {
        recipient: [WARD],
        about: [{ reference: 'Task/red' }],
        payload: [{ contentString: 'Oppgaven venter på vaktlege: Svar på rødt funn' }],
      },
    ])
  })

  test('gets a Task back into its queue from whoever had taken it, who has it no more', () => {
    const taken = claimTask(forNurse(), { reference: 'Practitioner/nurse' }, new Date(AT.getTime() - 60_000))
    const { task, notices } = escalated(taken)
    expect(task).toMatchObject({ owner: WARD, status: 'requested', performerType: [NURSE, ON_CALL] })
    expect(notices[0]?.recipient).toEqual([WARD])
  })

  test('that is asked already changes nothing: who of them has taken the Task keeps it, and the queue is told', () => {
    const asked = forNurse({ performerType: [NURSE, ON_CALL] })
    const taken = claimTask(asked, DOCTOR, new Date(AT.getTime() - 60_000))
    const { task, notices } = escalated(taken)
    expect(task).toMatchObject({ owner: DOCTOR, status: 'accepted', performerType: [NURSE, ON_CALL] })
    expect(task.note).toBeUndefined()
    expect(notices[0]?.recipient).toEqual([WARD])
  })

  test('is told apart from whoever has the Task, and told once', () => {
    const told = taskWith([{ act: 'notify' }, { act: 'notify', role: ON_CALL }, { act: 'notify', role: ON_CALL }])
    expect(noticesOf(told).map(({ payload }) => payload?.[0]?.contentString)).toEqual([
      'Oppgaven venter: red',
      'Oppgaven venter på vaktlege: red',
    ])
  })

  test('stands in the mark of the Task as it was written', () => {
    expect(marksOf(forNurse())[0]?.steps).toEqual(steps)
  })

  const NURSE_HERSELF = { reference: 'Practitioner/nurse' }
  const carePlans: CarePlan[] = [
    {
      ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan' },
      ...{ subject: { reference: 'Patient/p' }, careTeam: [WARD] },
    },
  ]

  test.each<[string, Partial<Task>]>([
    ['was taken by a plain update', { status: 'accepted' }],
    ['was given to somebody from the start', { status: 'requested' }],
  ])('gets a Task that %s into the queue of its CarePlan, which is told', (_how, { status }) => {
    const held = forNurse({ status, owner: NURSE_HERSELF, basedOn: [{ reference: 'CarePlan/c' }] } as Partial<Task>)
    const { task, notices } = escalate(held, AT, () => 'new', carePlans)
    expect(task).toMatchObject({ owner: WARD, status: 'requested', performerType: [NURSE, ON_CALL] })
    expect(notices[0]?.recipient).toEqual([WARD])
    // Of another CarePlan nothing is known here: it stays where it is, and its role is asked all the same.
    const stays = escalate({ ...held, basedOn: [{ reference: 'CarePlan/other' }] }, AT, () => 'new', carePlans)
    expect(stays.task).toMatchObject({ owner: NURSE_HERSELF, status, performerType: [NURSE, ON_CALL] })
    expect(stays.notices[0]?.recipient).toEqual([NURSE_HERSELF])
  })

  test('is not asked in the place of the patient, whose own Task it is; the team is told', () => {
    const own = forNurse({
      ...{ owner: { reference: 'Patient/p' }, status: 'accepted' },
      basedOn: [{ reference: 'CarePlan/c' }],
    })
    const { task, notices } = escalate(own, AT, () => 'new', carePlans)
    expect(task).toMatchObject({ owner: { reference: 'Patient/p' }, status: 'accepted' })
    expect(notices[0]?.recipient).toEqual([WARD])
  })

  test('makes no Task its own that everybody may take: it goes back, the queue is told, and is asked once', () => {
    const minute = (count: number) => new Date(AT.getTime() + count * 60_000)
    const again = (count: number): Mark => ({ kind: 'passed-deadline', at: minute(count), steps })
    const open = withMarks({ ...forNurse(), performerType: undefined } as unknown as Task, [again(0), again(15)])
    const first = escalated(claimTask(open, NURSE_HERSELF, minute(-1)))
    expect(first.task).toMatchObject({ owner: WARD, status: 'requested' })
    expect(first.task.performerType ?? []).toEqual([])
    expect(first.notices).toMatchObject([{ recipient: [WARD] }])
    // Whoever takes it then keeps it at the next mark.
    const second = escalate(claimTask(first.task, DOCTOR, minute(10)), minute(15), () => 'new')
    expect(second.task).toMatchObject({ owner: DOCTOR, status: 'accepted' })
    expect(second.task.note).toHaveLength(1)
    expect(second.notices[0]?.recipient).toEqual([WARD])
  })

  test.each<[string, CodeableConcept, CodeableConcept]>([
    ['by its text alone', { text: 'Vaktlege' }, { text: 'Vaktlege' }],
    ['by its code, with other words', ON_CALL, { coding: [{ ...ON_CALL.coding[0], display: 'Lege i vakt' }] }],
    ['by its text, where one has a code too', { ...ON_CALL, text: 'Vaktlege' }, { text: 'Vaktlege' }],
  ])('that is asked already, known %s, is not asked anew', (_how, known, named) => {
    const task = { ...taskWith([{ act: 'reassign', role: named }]), performerType: [NURSE, known] }
    const after = escalated(claimTask(task, DOCTOR, AT)).task
    expect(after).toMatchObject({ owner: DOCTOR, status: 'accepted', performerType: [NURSE, known] })
    expect(after.note).toBeUndefined()
  })

  test('is told in the queue that has the Task now, not in the one from which somebody had taken it', () => {
    const night = { reference: 'CareTeam/night' }
    const moved = taskWith([
      { act: 'queue', to: night },
      { act: 'notify', role: ON_CALL },
    ])
    const { task, notices } = escalated(claimTask(moved, DOCTOR, AT))
    expect(task).toMatchObject({ owner: night, status: 'requested' })
    expect(queueOf(task)).toBeUndefined()
    expect(notices.map(({ recipient }) => recipient)).toEqual([[night]])
  })

  test('is told in the queue of a Task that an escalation has given to somebody by name', () => {
    const named = taskWith([
      { act: 'reassign', to: DOCTOR },
      { act: 'notify', role: ON_CALL },
    ])
    const { task, notices } = escalated(named)
    expect(task.owner).toEqual(DOCTOR)
    expect(queueOf(task)).toEqual(WARD)
    expect(notices.map(({ recipient }) => recipient)).toEqual([[WARD]])
  })
})
