import type { Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { Refusal } from '../../fhir/outcome.ts'
import { sameInAll } from '../words/told.ts'
import { countOccasion, repetitionOf } from './repetition.ts'
import { SNOOZE_DAYS_MAX, snoozeOf, snoozeTask, suppressOnce, wakeTask } from './snooze.ts'
import { marksOf, withMarks } from './task-marks.ts'
import { mayBecome, OPEN_STATUSES, type TaskStatus } from './task-status.ts'

const NOW = new Date('2026-11-13T14:00:00Z')
const hours = (count: number) => new Date(NOW.getTime() + count * 3_600_000)
const yellow: Task = {
  resourceType: 'Task',
  id: 't',
  status: 'requested',
  intent: 'order',
  priority: 'urgent',
  restriction: { period: { start: NOW.toISOString() } },
}
const asked = {
  reason: 'Kjent, tas opp på poliklinikken',
  until: hours(48),
  by: { reference: 'Practitioner/kari' },
  now: NOW,
}
const issueOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error.issues[0]
  }
  throw new Error('was not refused')
}

test('a Task that is put aside says why, by whom, since when and until when', () => {
  const task = snoozeTask(yellow, asked)
  expect(task).toMatchObject({ status: 'on-hold', statusReason: { text: asked.reason } })
  expect(snoozeOf(task)).toEqual({
    reason: asked.reason,
    by: { reference: 'Practitioner/kari' },
    since: NOW,
    until: hours(48),
    from: 'requested',
    suppressedCount: 0,
  })
})

test.each<[string, Task, Partial<typeof asked>, string, string]>([
  [
    'a red one',
    { ...yellow, businessStatus: { coding: [{ code: 'red' }] } },
    {},
    'business-rule',
    'Task.businessStatus',
  ],
  ['one that must be seen at once', { ...yellow, priority: 'stat' }, {}, 'business-rule', 'Task.priority'],
  ['a closed one', { ...yellow, status: 'completed' }, {}, 'business-rule', 'Task.status'],
  ['until a moment that has passed', yellow, { until: hours(-1) }, 'value', 'until'],
  ['for ever', yellow, { until: hours(24 * (SNOOZE_DAYS_MAX + 1)) }, 'value', 'until'],
])('%s is not put aside', (_name, task, change, code, expression) => {
  expect(issueOf(() => snoozeTask(task, { ...asked, ...change }))).toMatchObject({ code, expression: [expression] })
})

test('it comes back as it was, tells what was suppressed, and is late that much later', () => {
  const marked = withMarks({ ...yellow, status: 'accepted' }, [{ kind: 'deadline', at: hours(8), steps: [] }])
  const put = suppressOnce(suppressOnce(snoozeTask(marked, asked)))
  const back = wakeTask(put, hours(48))
  expect(back).toMatchObject({ status: 'accepted', note: [{ text: expect.stringContaining('2 nye funn') }] })
  expect(back.statusReason).toBeUndefined()
  expect(snoozeOf(back)).toBeUndefined()
  expect(marksOf(back)[0]?.at).toEqual(hours(56))
})

test('prolonged, it counts on and goes back to what it was before the first time', () => {
  const put = suppressOnce(snoozeTask({ ...yellow, status: 'received' }, asked))
  const longer = snoozeTask(put, { ...asked, until: hours(96), now: hours(10) })
  expect(snoozeOf(longer)).toMatchObject({ from: 'received', since: NOW, until: hours(96), suppressedCount: 1 })
})

test('a Task that nobody has put aside is neither counted nor woken', () => {
  expect(suppressOnce(yellow)).toBe(yellow)
  expect(wakeTask(yellow, NOW)).toBe(yellow)
  // On hold for another reason: the person who put it there brings it back.
  expect(wakeTask({ ...yellow, status: 'on-hold' }, NOW).status).toBe('on-hold')
})

test('whatever is open and not red can be put aside and comes back, by moves that are allowed', () => {
  const open = fc.constantFrom(...([...OPEN_STATUSES].filter((one) => one !== 'draft') as TaskStatus[]))
  fc.assert(
    fc.property(open, fc.integer({ min: 0, max: 20 }), (status, count) => {
      let task = snoozeTask({ ...yellow, status }, asked)
      expect(mayBecome(status, task.status)).toBe(true)
      for (let i = 0; i < count; i++) task = suppressOnce(task)
      expect(snoozeOf(task)?.suppressedCount).toBe(count)
      const back = wakeTask(task, hours(48))
      expect(mayBecome('on-hold', back.status)).toBe(true)
      expect(back.status).toBe(status === 'on-hold' ? 'requested' : status)
    }),
  )
})

test('each occasion is counted once, with the latest value; a correction is none', () => {
  const observation = (value: number) => ({
    resourceType: 'Observation',
    effectiveDateTime: '2026-11-13T13:00:00Z',
    valueQuantity: { value, unit: '%' },
  })
  const first = countOccasion(yellow, { at: NOW, display: sameInAll('SpO2 89 %'), resource: observation(89) })
  const second = countOccasion(first, { at: NOW, display: sameInAll('SpO2 88 %'), resource: observation(88) })
  const corrected = countOccasion(
    second,
    { at: NOW, display: sameInAll('SpO2 87 %'), resource: observation(87) },
    { isAnew: true },
  )
  expect(repetitionOf(first)).toMatchObject({ count: 1, latest: 'SpO2 89 %' })
  expect(repetitionOf(corrected)).toEqual({
    count: 2,
    suppressedCount: 0,
    latest: 'SpO2 87 %',
    latestAt: '2026-11-13T13:00:00Z',
    latestValue: { value: 87, unit: '%' },
  })
})
