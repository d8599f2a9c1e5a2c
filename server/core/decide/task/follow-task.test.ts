import type { Extension, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { RingFacts } from '../ring.ts'
import { ringSilence } from '../silence/ring-silence.ts'
import { SILENCE_CLOCK } from '../silence/silence-clock.ts'
import { silenceTask } from '../silence/silence-task.ts'
import { sameInAll } from '../words/told.ts'
import { claimTask } from './claim.ts'
import { escalate } from './escalation.ts'
import { followOwnChange, followTask, ringMark, ringSnooze } from './follow-task.ts'
import { snoozeTask, wakeTask } from './snooze.ts'
import { type Mark, nextMark, withMarks } from './task-marks.ts'

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

describe("somebody's change that is heard after the engine has moved the Task", () => {
  const hear = (heard: Task, openTasks: Task[], at: Date) => {
    const { tasks, timers } = followTask({ task: heard, openTasks, carePlans: [], at, now: later(1) })
    const clocks = timers.flatMap((one) =>
      'timer' in one && one.timer.kind === 'silence'
        ? [[one.act, one.timer.name, ...('dueAt' in one.timer ? [one.timer.dueAt] : [])]]
        : [],
    )
    return { clocks, tasks }
  }
  const heard = taken(waiting(NURSE, { act: 'reassign', role: DOCTOR }))
  const given = escalated(heard)

  test('leaves the Task in the silence that it is in now, from when it was moved', () => {
    expect([heard.status, given.status]).toEqual(['accepted', 'requested'])
    expect(hear(heard, [given], later(-1)).clocks).toEqual([
      ['set', 'not-opened', later(30)],
      ['drop', 'not-decided'],
    ])
  })

  test('takes nothing back that was told of the silence that it is in now', () => {
    const silence = silenceTask(
      {
        ...{ about: 'Task/red', since: NOW, told: sameInAll('x'), owner: NURSE, silence: 'not-opened' },
        after: { value: 30, code: 'min' },
      },
      { id: 'silence', now: NOW },
    )
    expect(hear(heard, [given, silence], later(-1)).tasks).toEqual([])
    expect(hear(heard, [heard, silence], later(-1)).tasks).toMatchObject([
      { act: 'update', task: { id: 'silence', status: 'cancelled' } },
    ])
  })

  test('counts from the change itself where the engine has only written on the Task, or has not touched it', () => {
    const noted: Task = { ...heard, lastModified: NOW.toISOString(), note: [{ text: 'Enda et funn.' }] }
    for (const standing of [[noted], [heard], []]) {
      expect(hear(heard, standing, later(-35)).clocks).toEqual([
        ['drop', 'not-opened'],
        ['start', 'not-decided', later(445)],
      ])
    }
  })

  test('a time to come that somebody wrote on the Task puts no clock off', () => {
    const ahead: Task = { ...given, lastModified: later(600).toISOString() }
    expect(hear(heard, [ahead], later(-1)).clocks[0]).toEqual(['set', 'not-opened', later(31)])
  })
})

test.each<[string, Task]>([
  ["is the patient's own", { ...waiting(), owner: { reference: 'Patient/p' } }],
  ["is the family's", { ...waiting(), owner: { reference: 'RelatedPerson/r' } }],
  ['is a draft', { ...waiting(), status: 'draft' }],
])(
  'a mark that was due during a snooze passes after it, also of a Task that %s, whose silence nobody counts',
  (_what, task) => {
    const marked = withMarks(task, [{ kind: 'deadline', at: later(-20), steps: [] }])
    const aside = snoozeTask(marked, { reason: 'Kjent', until: NOW, by: KARI, now: later(-60) })
    const facts = { openTasks: [aside], carePlans: [], goals: [], newId: () => 'new' }
    const moment = { about: 'Task/red', dueAt: NOW }
    // During the snooze the mark's own clock rings for nothing, and is gone.
    const mark = { kind: 'task-mark' as const, name: 'next', ...moment }
    expect(ringMark({ ...facts, timer: mark, about: undefined, now: later(-20) }).timers).toEqual([])
    const snooze = { kind: 'snooze' as const, name: 'end', ...moment }
    const [woken] = ringSnooze({ ...facts, timer: snooze, about: undefined, now: NOW }).tasks.map((one) => one.task)
    expect(nextMark(woken as Task)).toEqual(later(40))
    expect(follow(aside, woken as Task).timers).toEqual([
      { act: 'set', timer: { kind: 'task-mark', about: 'Task/red', name: 'next', dueAt: later(40) } },
    ])
  },
)

test('what is put aside for longer waits for its new end alone', () => {
  const aside = snoozeTask({ ...waiting(), status: 'draft' }, { reason: 'x', until: NOW, by: KARI, now: later(-60) })
  const longer = snoozeTask(aside, { reason: 'x', until: later(60), by: KARI, now: later(-1) })
  expect(follow(aside, longer)).toEqual({ tasks: [], timers: [] })
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
