import type { Task } from '@medplum/fhirtypes'
import { escalate } from '../task/escalation.ts'
import { type Mark, withMarks } from '../task/task-marks.ts'
import { ringOfTask } from './follow-silence.ts'
import { SILENCE_CLOCK } from './silence-clock.ts'

const MADE = '2026-11-10T08:00:00.000Z'
const DUE = new Date('2026-11-10T08:30:00Z')
const WARD = { reference: 'CareTeam/ward' }
const OTHER = { reference: 'CareTeam/other' }
const DOCTOR = { reference: 'Practitioner/doctor' }

const clock = {
  url: SILENCE_CLOCK,
  extension: [
    { url: 'silence', valueCode: 'not-opened' },
    { url: 'owner', valueReference: WARD },
    { url: 'after', valueDuration: { value: 30, code: 'min' } },
  ],
}
const BARE: Task = {
  ...({ resourceType: 'Task', id: 'red', status: 'requested', intent: 'order' } as const),
  ...{ owner: WARD, authoredOn: MADE, description: 'Ring', extension: [clock] },
}
const withMark = (steps: Mark['steps'], at = DUE) => withMarks(BARE, [{ kind: 'deadline', at, steps }])

const rung = (task: Task, now = DUE) => {
  const timer = { kind: 'silence' as const, about: 'Task/red', name: 'not-opened', dueAt: DUE }
  const facts = { timer, carePlans: [], goals: [], openTasks: [task], now, newId: () => 'new' }
  return ringOfTask(task, facts)
}
const noticeCount = (task: Task, now?: Date) => rung(task, now).requests?.length ?? 0

test('whoever owns the silence and has the Task is told, where no mark of that moment tells it', () => {
  expect(rung(BARE).requests).toMatchObject([
    { act: 'create', resource: { recipient: [WARD], payload: [{ contentString: 'Oppgaven venter: Ring' }] } },
  ])
})

describe('a mark of the same moment that tells the same to the same', () => {
  const marked = withMark([{ act: 'raise' }, { act: 'notify' }])

  test('tells it alone, whichever of the two clocks rings first', () => {
    expect(noticeCount(marked)).toBe(0)
    const escalated = escalate(marked, DUE, () => 'new')
    expect([escalated.notices.length, noticeCount(escalated.task)]).toEqual([1, 0])
  })

  test('does so too when both ring late', () => {
    expect(noticeCount(marked, new Date('2026-11-10T10:00:00Z'))).toBe(0)
  })

  test('leaves the Task as urgent as the silence makes it', () => {
    const [update] = rung(marked).tasks
    expect(update?.task?.extension).toContainEqual(
      expect.objectContaining({ extension: expect.arrayContaining([{ url: 'kind', valueCode: 'not-opened' }]) }),
    )
  })
})

test.each<[string, Mark['steps'], Date]>([
  ['of another moment', [{ act: 'notify' }], new Date('2026-11-10T08:45:00Z')],
  ['that tells somebody else', [{ act: 'notify', to: DOCTOR }], DUE],
  ['that says whom the Task waits for', [{ act: 'notify', role: { text: 'Lege' } }], DUE],
  ['that only raises', [{ act: 'raise' }], DUE],
  ['that hands the Task over first', [{ act: 'queue', to: OTHER }, { act: 'notify' }], DUE],
])('a mark %s leaves the notice of the silence', (_which, steps, at) => {
  expect(noticeCount(withMark(steps, at))).toBe(1)
})
