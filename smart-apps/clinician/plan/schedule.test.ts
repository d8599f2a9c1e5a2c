import type { Timing } from '@medplum/fhirtypes'
import { LANGUAGES } from '../../texts/language.ts'
import { countInFourWeeks, type Schedule, scheduleInWords, scheduleOf, timesOf, timingWith } from './schedule.ts'

const DAILY: Timing = { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['09:00:00'] } }
const WEEKDAYS: Timing = { repeat: { frequency: 1, period: 1, periodUnit: 'wk', dayOfWeek: ['mon', 'wed', 'fri'] } }
const MONTHLY: Timing = { repeat: { frequency: 1, period: 1, periodUnit: 'mo' } }

test.each([
  [DAILY, 'hver dag kl. 09:00', 28],
  [
    { repeat: { frequency: 2, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00', '20:30:00'] } },
    'hver dag kl. 08:00 og 20:30',
    56,
  ],
  [{ repeat: { frequency: 4, period: 1, periodUnit: 'd' } }, '4 ganger om dagen', 112],
  [WEEKDAYS, 'mandag, onsdag og fredag', 12],
  [MONTHLY, 'hver måned', 0.92],
  [{ repeat: { frequency: 1, period: 2, periodUnit: 'wk' } }, 'hver 2. uke', 2],
  [{ repeat: { frequency: 3, period: 1, periodUnit: 'wk' } }, '3 ganger hver uke', 12],
] satisfies [Timing, string, number][])(
  '%j is «%s», %f times in four weeks, and comes back as it was',
  (timing, words, count) => {
    const schedule = scheduleOf(timing) as Schedule
    expect(scheduleInWords(timing, 'nb')).toBe(words)
    expect(countInFourWeeks(schedule)).toBeCloseTo(count, 1)
    expect(timingWith(timing, schedule)).toEqual(timing)
  },
)

test.each([
  [{ repeat: { frequency: 1, period: 1, periodUnit: 'd', when: ['MORN'] } }],
  [{ repeat: { frequency: 1, period: 6, periodUnit: 'h' } }],
  [{ repeat: { frequency: 2, period: 1, periodUnit: 'wk', timeOfDay: ['08:00:00'] } }],
  [{ event: ['2026-11-30T08:00:00Z'] }],
  [{ code: { text: 'Ved behov' } }],
] satisfies [Timing][])('%j says more than can be chosen here, and is not changed', (timing) => {
  expect(scheduleOf(timing)).toBeUndefined()
  for (const language of LANGUAGES) expect(scheduleInWords(timing, language)).not.toBe('')
})

test('when it begins and ends stays', () => {
  const bounded: Timing = { repeat: { ...DAILY.repeat, boundsPeriod: { start: '2026-11-01' } } }
  expect(timingWith(bounded, { kind: 'every', count: 1, period: 2, unit: 'wk', times: [] })).toEqual({
    repeat: { boundsPeriod: { start: '2026-11-01' }, frequency: 1, period: 2, periodUnit: 'wk' },
  })
})

test.each([
  ['8, 20.30', ['08:00', '20:30']],
  ['20:00 08:00 8', ['08:00', '20:00']],
  ['', []],
  ['25:00', undefined],
  ['morgen', undefined],
])('«%s» are the times %j', (text, expected) => {
  expect(timesOf(text)).toEqual(expected)
})
