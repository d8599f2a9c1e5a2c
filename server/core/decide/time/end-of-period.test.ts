import { endOf } from './end-of-period.ts'

test.each([
  ['a day in winter', '2026-12-24', '2026-12-24T23:00:00.000Z'],
  ['a day in summer', '2026-07-01', '2026-07-01T22:00:00.000Z'],
  ['the day before summer time', '2026-03-28', '2026-03-28T23:00:00.000Z'],
  ['the day of summer time, one hour shorter', '2026-03-29', '2026-03-29T22:00:00.000Z'],
  ['the day of winter time, one hour longer', '2026-10-25', '2026-10-25T23:00:00.000Z'],
  ['a month', '2026-02', '2026-02-28T23:00:00.000Z'],
  ['the last month', '2026-12', '2026-12-31T23:00:00.000Z'],
  ['a year', '2026', '2026-12-31T23:00:00.000Z'],
  ['a moment', '2026-11-10T08:00:00+01:00', '2026-11-10T07:00:00.000Z'],
])('%s is over when the clocks in Norway say so', (_what, end, moment) => {
  expect(endOf({ end })?.toISOString()).toBe(moment)
})

test('without an end there is none', () => {
  expect([endOf(undefined), endOf({ start: '2026' }), endOf({ end: 'some day' })]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})
