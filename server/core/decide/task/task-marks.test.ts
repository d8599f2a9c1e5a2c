import type { Extension, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { SERVICE_LEVEL } from '../plan/vocabulary.ts'
import { ALWAYS_OPEN, openingHoursOf } from '../time/opening-hours.ts'
import { escalate } from './escalation.ts'
import { serviceLevelOf } from './service-level.ts'
import {
  MARK_KINDS,
  type Mark,
  marksFrom,
  marksOf,
  nextMark,
  PRIORITIES,
  passMarks,
  postponeMarks,
  urgencyIn,
  withMarks,
} from './task-marks.ts'

const NOW = new Date('2026-11-13T14:00:00Z')
const minutes = (value: number) => ({ value, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' })
const later = (count: number) => new Date(NOW.getTime() + count * 60_000)
const step = (at: string, act: string, to?: string): Extension => ({
  url: 'escalation',
  extension: [
    { url: 'at', valueCode: at },
    { url: 'act', valueCode: act },
    ...(to ? [{ url: 'to', valueReference: { reference: to } }] : []),
  ],
})
const levelOf = (...parts: Extension[]) =>
  serviceLevelOf({ extension: [{ url: SERVICE_LEVEL, extension: parts }] }, undefined, 'yellow', NOW)
const yellow: Task = {
  resourceType: 'Task',
  id: 't',
  status: 'requested',
  intent: 'order',
  priority: 'urgent',
  for: { reference: 'Patient/1' },
  owner: { reference: 'CareTeam/response' },
  restriction: { period: { start: NOW.toISOString() } },
}
const hourly = serviceLevelOf({ timingDuration: minutes(60) }, undefined, 'yellow', NOW)
let ids = 0
const newId = () => `n${++ids}`

test('what the plan does not say comes from its timingDuration: goal half way, late again after half as long', () => {
  const level = serviceLevelOf({ timingDuration: minutes(60) }, undefined, 'yellow', NOW)
  expect(marksFrom(level, NOW, ALWAYS_OPEN).map(({ kind, at }) => [kind, at])).toEqual([
    ['goal', later(30)],
    ['deadline', later(60)],
    ['passed-deadline', later(90)],
  ])
})

test('the action is asked before its activity', () => {
  const activity = { resourceType: 'ActivityDefinition', status: 'active', timingDuration: minutes(10) } as const
  expect(serviceLevelOf({}, activity, 'yellow', NOW).deadlineMinutes).toBe(10)
  expect(serviceLevelOf({ timingDuration: minutes(5) }, activity, 'yellow', NOW).deadlineMinutes).toBe(5)
  expect(serviceLevelOf({}, undefined, 'yellow', NOW).deadlineMinutes).toBe(480)
})

test('a service level of its own: goal, deadline, repeats, on opening hours', () => {
  const level = levelOf(
    { url: 'goal', valueDuration: minutes(60) },
    { url: 'deadline', valueDuration: minutes(120) },
    { url: 'repeat', valueDuration: minutes(30) },
    { url: 'repeat-count', valuePositiveInt: 2 },
    { url: 'calendar', valueCode: 'opening-hours' },
  )
  const office = openingHoursOf({
    availableTime: [
      { daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'], availableStartTime: '08:00:00', availableEndTime: '15:30:00' },
    ],
  })
  // Friday at 15:00 in Oslo; the rest is on Monday.
  expect(marksFrom(level, NOW, office).map(({ kind, at }) => [kind, at.toISOString()])).toEqual([
    ['goal', '2026-11-16T07:30:00.000Z'],
    ['deadline', '2026-11-16T08:30:00.000Z'],
    ['passed-deadline', '2026-11-16T09:00:00.000Z'],
    ['passed-deadline', '2026-11-16T09:30:00.000Z'],
  ])
})

test('a team that is closed for good does not make a deadline vanish', () => {
  const closed = openingHoursOf({ notAvailable: [{ description: 'Nedlagt', during: { start: '2020' } }] })
  const level = levelOf(
    { url: 'deadline', valueDuration: minutes(60) },
    { url: 'calendar', valueCode: 'opening-hours' },
  )
  expect(marksFrom(level, NOW, closed)[0]?.at).toEqual(later(60))
})

test('marks are read from a Task as they were put there; the deadline stands in the restriction too', () => {
  const level = levelOf(
    { url: 'deadline', valueDuration: minutes(60) },
    step('deadline', 'notify', 'Practitioner/kari'),
  )
  const marks = marksFrom(level, NOW, ALWAYS_OPEN)
  const task = withMarks(yellow, marks)
  expect(marksOf(task)).toEqual(marks)
  expect(task.restriction?.period).toEqual({ start: NOW.toISOString(), end: later(60).toISOString() })
  expect(urgencyIn(task)).toBe(40)
  expect(nextMark(task)).toEqual(later(60))
})

test('each mark raises the priority by a step up to asap, and the urgency', () => {
  const task = withMarks(yellow, marksFrom(hourly, NOW, ALWAYS_OPEN))
  const seen = [0, 30, 60, 90, 120].map((after) => {
    const { task: then } = passMarks(task, later(after))
    return [then.priority, urgencyIn(then)]
  })
  expect(seen).toEqual([
    ['urgent', 40],
    ['asap', 65],
    ['asap', 70],
    ['asap', 75],
    ['asap', 75],
  ])
  expect(passMarks(task, later(10)).task).toBe(task)
})

test('the chain: notify, raise, give to somebody else, give to another queue', () => {
  const level = levelOf(
    { url: 'deadline', valueDuration: minutes(60) },
    step('deadline', 'notify'),
    step('deadline', 'raise'),
    step('passed-deadline', 'reassign', 'Practitioner/leader'),
    step('passed-deadline', 'queue', 'HealthcareService/legevakt'),
  )
  const task: Task = {
    ...withMarks(yellow, marksFrom(level, NOW, ALWAYS_OPEN)),
    status: 'in-progress',
    owner: { reference: 'Practitioner/kari' },
  }
  const atDeadline = escalate(task, later(60), newId)
  expect(atDeadline.task).toMatchObject({
    priority: 'stat',
    status: 'in-progress',
    owner: { reference: 'Practitioner/kari' },
  })
  expect(atDeadline.notices).toMatchObject([
    {
      resourceType: 'CommunicationRequest',
      status: 'active',
      recipient: [{ reference: 'Practitioner/kari' }],
      about: [{ reference: 'Task/t' }],
      subject: { reference: 'Patient/1' },
    },
  ])
  const passed = escalate(atDeadline.task, later(90), newId)
  expect(passed.task).toMatchObject({ status: 'requested', owner: { reference: 'HealthcareService/legevakt' } })
  expect(passed.task.note).toHaveLength(2)
  expect(escalate(passed.task, later(1000), newId)).toEqual({ task: passed.task, notices: [] })
})

test('what is put aside is late that much later; what has passed has passed', () => {
  const task = passMarks(withMarks(yellow, marksFrom(hourly, NOW, ALWAYS_OPEN)), later(30)).task
  const put = postponeMarks(task, 600 * 60_000)
  expect(marksOf(put).map(({ at, passed }) => [at, passed !== undefined])).toEqual([
    [later(30), true],
    [later(660), false],
    [later(690), false],
  ])
  expect(put.restriction?.period?.end).toBe(later(660).toISOString())
})

const marks = fc.array(
  fc.record({
    kind: fc.constantFrom(...MARK_KINDS),
    at: fc.integer({ min: 0, max: 10_000 }).map(later),
    steps: fc.constantFrom<Mark['steps']>([], [{ act: 'notify' }]),
  }),
  { maxLength: 8 },
)

test('however the clock jumps, a mark passes once, urgency never falls, and marks alone never make a Task stat', () => {
  const jumps = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 10 })
  const waiting = fc.constantFrom(...PRIORITIES.filter((one) => one !== 'stat'))
  fc.assert(
    fc.property(marks, jumps, waiting, (given, steps, priority) => {
      let task = withMarks({ ...yellow, priority }, given)
      let at = 0
      for (const jump of steps) {
        at += jump
        const { task: next } = passMarks(task, later(at))
        expect(urgencyIn(next)).toBeGreaterThanOrEqual(urgencyIn(task))
        const before = marksOf(task).filter(({ passed }) => passed)
        expect(marksOf(next).filter(({ passed }) => passed)).toEqual(expect.arrayContaining(before))
        task = next
      }
      expect(marksOf(task).filter(({ passed }) => passed)).toHaveLength(
        given.filter((mark) => mark.at <= later(at)).length,
      )
      expect(task.priority).not.toBe('stat')
      // A higher priority is always ahead, whatever has passed.
      expect(urgencyIn(task)).toBeLessThan(urgencyIn({ ...yellow, extension: [], priority: 'stat' }))
    }),
  )
})
