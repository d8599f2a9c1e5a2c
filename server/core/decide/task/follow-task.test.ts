import type { Extension, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { RingFacts } from '../ring.ts'
import { ringSilence } from '../silence/ring-silence.ts'
import { SILENCE_CLOCK } from '../silence/silence-clock.ts'
import { silenceTask } from '../silence/silence-task.ts'
import { sameInAll } from '../words/told.ts'
import { claimTask } from './claim.ts'
import { escalate } from './escalation.ts'
import { followOwnChange } from './follow-task.ts'
import { snoozeTask, wakeTask } from './snooze.ts'
import { type Mark, withMarks } from './task-marks.ts'

const NOW = new Date('2026-11-10T08:45:00Z')
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)
const WARD = { reference: 'CareTeam/ward' }
const KARI = { reference: 'Practitioner/kari' }
const roleOf = (code: string) => ({ coding: [{ system: 'http://x.no/roles', code }] })
const [NURSE, DOCTOR] = [roleOf('nurse'), roleOf('doctor')]

const clock = (silence: string, minutes: number, owner = NURSE): Extension => ({
  url: SILENCE_CLOCK,
  extension: [
    { url: 'silence', valueCode: silence },
    { url: 'owner', valueCodeableConcept: owner },
    { url: 'after', valueDuration: { value: minutes, code: 'min' } },
  ],
})

function waiting(owner = NURSE, ...steps: Mark['steps']): Task {
  const task: Task = {
    ...{ resourceType: 'Task', id: 'red', status: 'requested', intent: 'order', owner: WARD },
    performerType: [NURSE],
    extension: [clock('not-opened', 30, owner), clock('not-decided', 480, owner)],
  }
  return withMarks(task, [{ kind: 'passed-deadline', at: NOW, steps }])
}
const taken = (task: Task) => claimTask(task, KARI, later(-35))
const escalated = (task: Task) => escalate(task, NOW, () => 'new').task
const follow = (before: Task | undefined, task: Task, openTasks: Task[] = [task]) =>
  followOwnChange(before, task, { openTasks, now: NOW })
const silences = (before: Task | undefined, task: Task) =>
  follow(before, task).timers.flatMap((one) =>
    'timer' in one && one.timer.kind === 'silence'
      ? [[one.act, one.timer.name, ...('dueAt' in one.timer ? [one.timer.dueAt] : [])]]
      : [],
  )

test.each<[string, Mark['steps'][number]]>([
  ['asks a role', { act: 'reassign', role: DOCTOR }],
  ['gives it to another queue', { act: 'queue', to: { reference: 'CareTeam/night' } }],
  ['gives it to somebody by name', { act: 'reassign', to: { reference: 'Practitioner/jonas' } }],
])(
  'an escalation that %s takes the Task from who had it: that it is not opened is counted anew from then on',
  (_what, step) => {
    const before = taken(waiting(NURSE, step))
    expect(silences(before, escalated(before))).toEqual([
      ['set', 'not-opened', later(30)],
      ['drop', 'not-decided'],
    ])
  },
)

test('that it was not decided is a silence that ends there', () => {
  const before = taken(waiting(NURSE, { act: 'reassign', role: DOCTOR }))
  const about = { about: 'Task/red', since: later(-35), told: sameInAll('x'), owner: NURSE }
  const silence = silenceTask(
    { ...about, silence: 'not-decided', after: { value: 480, code: 'min' } },
    { id: 'silence', now: later(-1) },
  )
  const task = escalated(before)
  expect(follow(before, task, [task, silence]).tasks).toMatchObject([
    { act: 'update', task: { id: 'silence', status: 'cancelled' } },
  ])
})

test('what an escalation only tells of, or raises, leaves the clocks as they are, and so does a role that is asked beside the queue', () => {
  const before = waiting(NURSE, { act: 'notify' }, { act: 'raise' }, { act: 'reassign', role: DOCTOR })
  const after = escalated(before)
  expect(after).not.toEqual(before)
  expect(follow(before, after)).toEqual({ tasks: [], timers: [] })
  expect(follow(undefined, after)).toEqual({ tasks: [], timers: [] })
})

test('who is given what still waits has the time of the silence, and what runs already goes on', () => {
  const before = waiting(NURSE, { act: 'queue', to: { reference: 'CareTeam/night' } })
  expect(silences(before, escalated(before))).toEqual([
    ['start', 'not-opened', later(30)],
    ['drop', 'not-decided'],
  ])
})

test('what is closed is in no silence', () => {
  const before = taken(waiting())
  expect(silences(before, { ...before, status: 'completed' })).toEqual([
    ['drop', 'not-opened'],
    ['drop', 'not-decided'],
  ])
})

test('what was put aside is silent again from the end of that; broken before, from then on', () => {
  const until = later(-10)
  const aside = snoozeTask(waiting(), { reason: 'Kjent', until, by: KARI, now: later(-60) })
  expect(silences(aside, wakeTask(aside, NOW))).toEqual([
    ['set', 'not-opened', later(20)],
    ['drop', 'not-decided'],
  ])
  const longer = snoozeTask(waiting(), { reason: 'Kjent', until: later(60), by: KARI, now: later(-60) })
  expect(silences(longer, wakeTask(longer, NOW))[0]).toEqual(['set', 'not-opened', later(30)])
})

describe('the silence of an escalated Task', () => {
  const rung = (task: Task, name: 'not-opened' | 'not-decided') => {
    const timer = { kind: 'silence' as const, about: 'Task/red', name, dueAt: later(30) }
    const facts: RingFacts = {
      ...{ timer, about: task as unknown as Resource, openTasks: [task], carePlans: [], goals: [] },
      ...{ now: later(30), newId: () => 'new' },
    }
    const { tasks, requests = [] } = ringSilence(facts)
    const made = tasks.filter(({ act }) => act === 'create').map(({ task: one }) => one)
    return { made, told: requests.map(({ resource }) => (resource as { recipient?: unknown }).recipient) }
  }

  test('is a Task for the role that was asked beside those who keep silent', () => {
    const task = escalated(taken(waiting(DOCTOR, { act: 'reassign', role: DOCTOR })))
    expect(task.performerType).toEqual([NURSE, DOCTOR])
    const { made, told } = rung(task, 'not-opened')
    expect(made).toMatchObject([{ owner: WARD, performerType: [DOCTOR] }])
    expect(told).toEqual([])
  })

  test('is a notice to the queue for the role whose Task it was from the start', () => {
    const task = escalated(taken(waiting(NURSE, { act: 'reassign', role: DOCTOR })))
    expect(rung(task, 'not-opened')).toEqual({ made: [], told: [[WARD]] })
  })

  test('is no notice to the one who is silent: taken and not decided, it is a Task for the role, in the queue', () => {
    const task = taken(waiting())
    expect(rung(task, 'not-decided')).toMatchObject({ made: [{ owner: WARD, performerType: [NURSE] }], told: [] })
  })
})
