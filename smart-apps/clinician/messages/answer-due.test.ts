import { expect, test } from '@jest/globals'
import type { HealthcareService } from '@medplum/fhirtypes'
import { answerDue, answeringHours, OFFICE } from './answer-due.ts'

test.each([
  ['2026-11-23T09:00:00+01:00', '2026-11-24T14:00:00.000Z', 'on a working day: until the end of the next'],
  ['2026-11-27T20:00:00+01:00', '2026-11-30T14:00:00.000Z', 'on a Friday evening: on Monday'],
  ['2026-12-24T10:00:00+01:00', '2026-12-28T14:00:00.000Z', 'before Christmas: after it'],
  ['2026-03-27T10:00:00+01:00', '2026-03-30T13:00:00.000Z', 'over the night in which clocks are put forward'],
])('what was written %s is answered until %s (%s)', (sent, due) =>
  expect(answerDue(new Date(sent)).toISOString()).toBe(due),
)

const service = (availableTime: HealthcareService['availableTime']): HealthcareService => ({
  ...{ resourceType: 'HealthcareService', id: '1', providedBy: { reference: 'Organization/o' }, availableTime },
})
const hours = (availableTime: HealthcareService['availableTime']) =>
  answeringHours('Organization/o', [service(availableTime)])

test.each([
  [
    'its own hours',
    [{ daysOfWeek: ['tue'], availableStartTime: '09:00:00', availableEndTime: '11:30:00' }],
    '24T10:30',
  ],
  [
    'the last of two shifts',
    [
      { availableStartTime: '08:00:00', availableEndTime: '12:00:00' },
      { availableStartTime: '13:00:00', availableEndTime: '18:00:00' },
    ],
    '24T17:00',
  ],
  [
    'a night shift: before the day is over',
    [{ availableStartTime: '22:00:00', availableEndTime: '07:00:00' }],
    '24T23:00',
  ],
] as const)('%s', (_, given, due) => {
  const asked = hours(given as unknown as HealthcareService['availableTime'])
  expect(answerDue(new Date('2026-11-23T09:00:00+01:00'), asked).toISOString()).toBe(`2026-11-${due}:00.000Z`)
})

test.each([
  ['nobody is named', undefined, []],
  ['no service says when', 'Organization/other', [service([{ allDay: true }])]],
  ['it is there day and night', 'Organization/o', [service([{ allDay: true }])]],
  ['it has no hours', 'Organization/o', [service(undefined)]],
] as const)('where %s it is the end of an office day', (_, team, services) =>
  expect(answeringHours(team, services)).toBe(OFFICE),
)

test('a team that is there on Sundays alone has promised nobody a Sunday', () => {
  const sundays = hours([{ daysOfWeek: ['sun'], availableStartTime: '10:00:00', availableEndTime: '12:00:00' }])
  expect(answerDue(new Date('2026-11-23T09:00:00+01:00'), sundays).toISOString()).toBe('2026-11-24T14:00:00.000Z')
})
