import type { Timing, TimingRepeat } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { Refusal } from '../../fhir/outcome.ts'
import { NORWEGIAN_DAY } from './day-times.ts'
import { expandTiming, type TimingOptions } from './expand-timing.ts'

const ZONE = 'Europe/Oslo'

/** `2026-03-29 08:00` with the offset that Norway has then. */
function told(at: Date): string {
  const time = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(ZONE)
  return `${time.toPlainDate()} ${time.toPlainTime().toString({ smallestUnit: 'minute' })}${time.offset.slice(0, 3)}`
}

const times = (timing: Timing, count: number, options?: TimingOptions): string[] =>
  expandTiming(timing, options)
    .after()
    .take(count)
    .map(({ at }) => told(at))
    .toArray()

const from = (start: string, repeat: TimingRepeat): Timing => ({ repeat: { boundsPeriod: { start }, ...repeat } })

/** Worked out by hand with a calendar. 29 March 2026 has no 02:30; 25 October 2026 has it twice. */
const TABLE: [name: string, timing: Timing, expected: string[]][] = [
  [
    'daily at times of the day, over the beginning of summer time',
    from('2026-03-28', { frequency: 2, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00', '20:00:00'] }),
    ['2026-03-28 08:00+01', '2026-03-28 20:00+01', '2026-03-29 08:00+02', '2026-03-29 20:00+02'],
  ],
  [
    'a time that the night of summer time skips comes as much later',
    from('2026-03-28', { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['02:30:00'] }),
    ['2026-03-28 02:30+01', '2026-03-29 03:30+02', '2026-03-30 02:30+02'],
  ],
  [
    'two times that are one that night are one',
    from('2026-03-29', { frequency: 2, period: 1, periodUnit: 'd', timeOfDay: ['02:30:00', '03:30:00'] }),
    ['2026-03-29 03:30+02', '2026-03-30 02:30+02', '2026-03-30 03:30+02'],
  ],
  [
    'of a time that comes twice in October the first',
    from('2026-10-24', { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['02:30:00'] }),
    ['2026-10-24 02:30+02', '2026-10-25 02:30+02', '2026-10-26 02:30+01'],
  ],
  [
    'every 8 hours is 8 hours that pass, also in March',
    from('2026-03-28T16:00:00+01:00', { frequency: 1, period: 8, periodUnit: 'h' }),
    ['2026-03-28 16:00+01', '2026-03-29 00:00+01', '2026-03-29 09:00+02', '2026-03-29 17:00+02'],
  ],
  [
    'every 8 hours in October',
    from('2026-10-24T16:00:00+02:00', { frequency: 1, period: 8, periodUnit: 'h' }),
    ['2026-10-24 16:00+02', '2026-10-25 00:00+02', '2026-10-25 07:00+01'],
  ],
  [
    'the time of the beginning is the time of each',
    from('2026-03-28T09:15:00+01:00', { frequency: 1, period: 1, periodUnit: 'd' }),
    ['2026-03-28 09:15+01', '2026-03-29 09:15+02', '2026-03-30 09:15+02'],
  ],
  [
    'every other day',
    from('2026-02-26', { frequency: 1, period: 2, periodUnit: 'd', timeOfDay: ['08:00:00'] }),
    ['2026-02-26 08:00+01', '2026-02-28 08:00+01', '2026-03-02 08:00+01'],
  ],
  [
    'three times a day without times: over the day',
    from('2026-05-04', { frequency: 3, period: 1, periodUnit: 'd' }),
    ['2026-05-04 08:00+02', '2026-05-04 14:00+02', '2026-05-04 20:00+02', '2026-05-05 08:00+02'],
  ],
  [
    'three times in two days',
    from('2026-05-04', { frequency: 3, period: 2, periodUnit: 'd' }),
    ['2026-05-04 08:00+02', '2026-05-04 20:00+02', '2026-05-05 08:00+02', '2026-05-06 08:00+02'],
  ],
  [
    'three times a week: over the week',
    from('2026-05-05', { frequency: 3, period: 1, periodUnit: 'wk', timeOfDay: ['09:00:00'] }),
    ['2026-05-05 09:00+02', '2026-05-07 09:00+02', '2026-05-09 09:00+02', '2026-05-12 09:00+02'],
  ],
  [
    'Monday, Wednesday and Friday, begun on a Thursday',
    from('2026-05-07', { frequency: 3, period: 1, periodUnit: 'wk', dayOfWeek: ['fri', 'mon', 'wed'] }),
    ['2026-05-08 08:00+02', '2026-05-11 08:00+02', '2026-05-13 08:00+02', '2026-05-15 08:00+02'],
  ],
  [
    'daily on weekdays only',
    from('2026-05-07', { frequency: 1, period: 1, periodUnit: 'd', dayOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'] }),
    ['2026-05-07 08:00+02', '2026-05-08 08:00+02', '2026-05-11 08:00+02'],
  ],
  [
    'days of the week alone',
    from('2026-05-07', { dayOfWeek: ['sun'], timeOfDay: ['10:00:00'] }),
    ['2026-05-10 10:00+02', '2026-05-17 10:00+02'],
  ],
  [
    'every other Tuesday, in weeks of the calendar',
    from('2026-05-07', { frequency: 1, period: 2, periodUnit: 'wk', dayOfWeek: ['tue'] }),
    ['2026-05-19 08:00+02', '2026-06-02 08:00+02'],
  ],
  [
    'every hour on Sundays alone',
    from('2026-05-09T22:00:00+02:00', { frequency: 1, period: 1, periodUnit: 'h', dayOfWeek: ['sun'], count: 25 }),
    [...Array.from({ length: 24 }, (_, h) => `2026-05-10 ${String(h).padStart(2, '0')}:00+02`), '2026-05-17 00:00+02'],
  ],
  [
    'monthly on the 31st: the last day of a shorter month, and the 31st again',
    from('2026-01-31', { frequency: 1, period: 1, periodUnit: 'mo', timeOfDay: ['12:00:00'] }),
    ['2026-01-31 12:00+01', '2026-02-28 12:00+01', '2026-03-31 12:00+02', '2026-04-30 12:00+02'],
  ],
  [
    'monthly on a Monday: the first of each period',
    from('2026-01-01', { frequency: 1, period: 1, periodUnit: 'mo', dayOfWeek: ['mon'] }),
    ['2026-01-05 08:00+01', '2026-02-02 08:00+01', '2026-03-02 08:00+01'],
  ],
  [
    'yearly on a leap day',
    from('2024-02-29', { frequency: 1, period: 1, periodUnit: 'a' }),
    ['2024-02-29 08:00+01', '2025-02-28 08:00+01', '2026-02-28 08:00+01', '2027-02-28 08:00+01', '2028-02-29 08:00+01'],
  ],
  [
    'on getting up and at bedtime',
    from('2026-05-04', { frequency: 2, period: 1, periodUnit: 'd', when: ['HS', 'WAKE'] }),
    ['2026-05-04 07:00+02', '2026-05-04 22:00+02', '2026-05-05 07:00+02'],
  ],
  [
    'an offset is before meals for AC',
    from('2026-05-04', { frequency: 1, period: 1, periodUnit: 'd', when: ['ACM'], offset: 45 }),
    ['2026-05-04 07:15+02', '2026-05-05 07:15+02'],
  ],
  [
    'and after them for PC, at each of the three',
    from('2026-05-04', { frequency: 3, period: 1, periodUnit: 'd', when: ['PC'], offset: 120 }),
    ['2026-05-04 10:00+02', '2026-05-04 14:00+02', '2026-05-04 18:30+02', '2026-05-05 10:00+02'],
  ],
  [
    'an offset over midnight keeps the order',
    from('2026-05-04', { frequency: 2, period: 1, periodUnit: 'd', when: ['NIGHT', 'WAKE'], offset: 90 }),
    ['2026-05-04 08:30+02', '2026-05-05 00:30+02', '2026-05-05 08:30+02', '2026-05-06 00:30+02'],
  ],
  [
    'BID',
    { code: { coding: [{ code: 'BID' }] } },
    ['2026-05-04 08:00+02', '2026-05-04 20:00+02', '2026-05-05 08:00+02'],
  ],
  ['QOD', { code: { coding: [{ code: 'QOD' }] } }, ['2026-05-04 08:00+02', '2026-05-06 08:00+02']],
  ['BED', { code: { coding: [{ code: 'BED' }] } }, ['2026-05-04 22:00+02', '2026-05-05 22:00+02']],
  [
    'Q6H',
    { code: { coding: [{ code: 'Q6H' }] } },
    ['2026-05-04 08:00+02', '2026-05-04 14:00+02', '2026-05-04 20:00+02'],
  ],
  [
    'a code, within the bounds of the repeat',
    { code: { coding: [{ code: 'QD' }] }, repeat: { boundsPeriod: { start: '2026-05-04', end: '2026-05-05' } } },
    ['2026-05-04 08:00+02', '2026-05-05 08:00+02'],
  ],
  [
    'events, in order and each once',
    { event: ['2026-05-09', '2026-05-04T10:00:00+02:00', '2026-05-04T08:00:00Z'] },
    ['2026-05-04 10:00+02', '2026-05-09 08:00+02'],
  ],
  [
    'one event is where a repeat begins',
    { event: ['2026-05-04T10:00:00+02:00'], repeat: { frequency: 1, period: 1, periodUnit: 'wk', count: 2 } },
    ['2026-05-04 10:00+02', '2026-05-11 10:00+02'],
  ],
  [
    'a duration of seven days holds seven mornings',
    from('2026-03-26', { boundsDuration: { value: 7, code: 'd' }, frequency: 1, period: 1, periodUnit: 'd' }),
    [26, 27, 28]
      .map((d) => `2026-03-${d} 08:00+01`)
      .concat(['2026-03-29', '2026-03-30', '2026-03-31', '2026-04-01'].map((day) => `${day} 08:00+02`)),
  ],
  [
    'the end of a period holds to its precision',
    from('2026-05-04', {
      boundsPeriod: { start: '2026-05-04', end: '2026-05-05T20:00:00+02:00' },
      frequency: 2,
      period: 1,
      periodUnit: 'd',
    }),
    ['2026-05-04 08:00+02', '2026-05-04 20:00+02', '2026-05-05 08:00+02', '2026-05-05 20:00+02'],
  ],
  [
    'of a period from one to two days what must come at least',
    from('2026-05-04', { frequency: 1, period: 1, periodMax: 2, periodUnit: 'd' }),
    ['2026-05-04 08:00+02', '2026-05-06 08:00+02'],
  ],
  [
    'half a day is twelve hours',
    from('2026-05-04T06:00:00+02:00', { frequency: 1, period: 0.5, periodUnit: 'd' }),
    ['2026-05-04 06:00+02', '2026-05-04 18:00+02', '2026-05-05 06:00+02'],
  ],
]

test.each(TABLE)('%s', (_, timing, expected) => {
  const isWhole = timing.repeat?.count !== undefined || timing.event || timing.repeat?.boundsPeriod?.end
  expect(times(timing, expected.length + (isWhole ? 5 : 0), { start: '2026-05-04' })).toEqual(expected)
})

test('the moment at which somebody began is not the time of day of what follows', () => {
  const timing: Timing = { repeat: { frequency: 1, period: 1, periodUnit: 'd' } }
  expect(times(timing, 2, { start: '2026-05-04T14:37:12+02:00' })).toEqual([
    '2026-05-05 08:00+02',
    '2026-05-06 08:00+02',
  ])
})

test("a person's own day", () => {
  const dayTimes = { ...NORWEGIAN_DAY, first: '10:00', when: { ...NORWEGIAN_DAY.when, MORN: ['10:30'] } }
  const daily = { frequency: 1, period: 1, periodUnit: 'd' } as const
  expect(times(from('2026-05-04', daily), 1, { dayTimes })).toEqual(['2026-05-04 10:00+02'])
  expect(times(from('2026-05-04', { ...daily, when: ['MORN'] }), 1, { dayTimes })).toEqual(['2026-05-04 10:30+02'])
})

test('what need not be done is told so: beyond count up to countMax, beyond the low end of a range', () => {
  const optional = (repeat: TimingRepeat) =>
    expandTiming(from('2026-05-04', { frequency: 1, period: 1, periodUnit: 'd', ...repeat }), {
      start: '2026-05-04',
    })
      .after()
      .map(({ isOptional }) => isOptional)
      .toArray()
  expect(optional({ count: 2, countMax: 4 })).toEqual([false, false, true, true])
  const boundsRange = { low: { value: 2, code: 'd' }, high: { value: 3, code: 'd' } }
  expect(optional({ boundsPeriod: undefined, boundsRange, count: 9 })).toEqual([false, false, true])
})

test('how long it lasts, how early it may be, and whether a time of the day is said', () => {
  const daily = { frequency: 1, period: 1, periodUnit: 'd' } as const
  const first = (repeat: TimingRepeat) => expandTiming(from('2026-05-04', repeat)).after().next().value
  expect(first({ ...daily, duration: 10, durationUnit: 'min' })).toEqual({
    at: new Date('2026-05-04T06:00:00Z'),
    endsAt: new Date('2026-05-04T06:10:00Z'),
    isWholeDay: true,
    isOptional: false,
  })
  expect(first({ ...daily, periodMax: 2 })).toMatchObject({ earliest: new Date('2026-05-03T06:00:00Z') })
  expect(first({ ...daily, timeOfDay: ['08:00:00'] })).toMatchObject({ isWholeDay: false })
})

test('days of the week that never come end it', () => {
  const everyWeekFromMonday = { frequency: 1, period: 7, periodUnit: 'd', dayOfWeek: ['tue'] } as const
  expect(times(from('2026-05-04', { ...everyWeekFromMonday, dayOfWeek: ['tue'] }), 5)).toEqual([])
  const inHours = { frequency: 1, period: 168, periodUnit: 'h', dayOfWeek: ['tue'] } as const
  expect(times(from('2026-05-04T12:00:00+02:00', { ...inHours, dayOfWeek: ['tue'] }), 5)).toEqual([])
})

const daily = { frequency: 1, period: 1, periodUnit: 'd' } as const
const REFUSED: [name: string, timing: Timing, code: string, expression: string][] = [
  ['nothing at all', {}, 'required', 'Timing'],
  ['no beginning', { repeat: daily }, 'required', 'Timing'],
  ['a code of unknown times', { code: { coding: [{ code: 'PRN' }] } }, 'not-supported', 'Timing.code'],
  ['a text alone', { code: { text: 'now and then' } }, 'not-supported', 'Timing.code'],
  ['a day that is not', from('2026-02-30', daily), 'value', 'Timing.repeat.bounds.start'],
  ['an event that is no date', { event: ['2026-05-04', 'soon'] }, 'value', 'Timing.event[1]'],
  ['no period', from('2026-05-04', { ...daily, period: 0 }), 'invalid', 'Timing.repeat.period'],
  [
    'half a month',
    from('2026-05-04', { ...daily, period: 0.5, periodUnit: 'd', when: ['HS'] }),
    'not-supported',
    'Timing.repeat.period',
  ],
  [
    'a period of a century',
    from('2026-05-04', { ...daily, period: 100, periodUnit: 'a' }),
    'not-supported',
    'Timing.repeat.period',
  ],
  [
    'more often than each minute',
    from('2026-05-04', { ...daily, frequency: 1e9 }),
    'not-supported',
    'Timing.repeat.frequency',
  ],
  [
    'more often than each second',
    from('2026-05-04', { ...daily, frequency: 9, periodUnit: 's' }),
    'not-supported',
    'Timing.repeat.frequency',
  ],
  [
    'an offset of days',
    from('2026-05-04', { ...daily, when: ['HS'], offset: 5_000 }),
    'not-supported',
    'Timing.repeat.offset',
  ],
  ['a count beyond reason', from('2026-05-04', { ...daily, count: 1e9 }), 'too-costly', 'Timing.repeat.count'],
  [
    'a bound in another unit',
    from('2026-05-04', { ...daily, boundsDuration: { value: 1, code: 'kg' } }),
    'not-supported',
    'Timing.repeat.bounds',
  ],
  [
    'a bound without a value',
    from('2026-05-04', { ...daily, boundsDuration: { code: 'd' } }),
    'required',
    'Timing.repeat.bounds',
  ],
]

test.each(REFUSED)('%s is refused, with the element', (_, timing, code, expression) => {
  const options = code === 'required' ? {} : { start: '2026-05-04' }
  expect(() => expandTiming(timing, options).after().take(3).toArray()).toThrow(Refusal)
  try {
    expandTiming(timing, options).after().take(3).toArray()
  } catch (error) {
    expect((error as Refusal).issues).toMatchObject([{ code, expression: [expression] }])
  }
})

const pick = <T>(...values: T[]) => fc.constantFrom(...values)
const timings: fc.Arbitrary<Timing> = fc
  .record(
    {
      frequency: fc.integer({ min: 1, max: 6 }),
      period: pick(1, 1, 2, 3, 7, 10, 0.5),
      periodUnit: pick('min', 'h', 'd', 'd', 'wk', 'mo', 'a'),
      dayOfWeek: fc.uniqueArray(pick('mon', 'tue', 'wed', 'sat', 'sun'), { minLength: 1 }),
      timeOfDay: fc.uniqueArray(pick('00:00:00', '01:30:00', '02:30:00', '03:30:00', '12:00:00', '23:59:59'), {
        minLength: 1,
      }),
      when: fc.uniqueArray(pick('MORN', 'ACM', 'PCV', 'NIGHT', 'WAKE', 'C'), { minLength: 1 }),
      offset: fc.integer({ min: 0, max: 1_440 }),
      count: fc.integer({ min: 1, max: 40 }),
      boundsDuration: fc.record({ value: fc.integer({ min: 0, max: 90 }), code: pick('d', 'wk', 'h') }),
    },
    { requiredKeys: ['period', 'periodUnit'] },
  )
  .map((repeat) => {
    const whole = repeat.period === 0.5 && (repeat.timeOfDay || repeat.when || /mo|a/.test(repeat.periodUnit))
    return { repeat: { ...repeat, ...(whole ? { period: 1 } : {}) } as TimingRepeat }
  })
const starts = pick('2026-03-27', '2026-03-28T23:30:00+01:00', '2026-10-24', '2026-10-25T02:30:00+01:00', '2024-02-29')

test('times rise, are within the bounds and no more than counted, and can be gone on with from any moment', () => {
  fc.assert(
    fc.property(timings, starts, fc.integer({ min: -5, max: 120 * 24 * 60 }), (timing, start, minutes) => {
      const expanded = expandTiming(timing, { start })
      const all = expanded
        .after()
        .take(60)
        .map(({ at }) => at.getTime())
        .toArray()
      expect(all.every((at, i) => i === 0 || at > (all[i - 1] ?? 0))).toBe(true)
      expect(all.length).toBeLessThanOrEqual(timing.repeat?.count ?? 60)
      const begin = Temporal.PlainDate.from(start.slice(0, 10)).toZonedDateTime(ZONE)
      expect(all[0] ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(begin.epochMilliseconds)
      const { boundsDuration } = timing.repeat ?? {}
      if (boundsDuration) {
        const unit = { d: 'days', wk: 'weeks', h: 'hours' }[boundsDuration.code ?? ''] ?? 'days'
        const exact = start.length > 10 ? Temporal.Instant.from(start).toZonedDateTimeISO(ZONE) : begin
        const end = exact.add({ [unit]: boundsDuration.value ?? 0 }).epochMilliseconds
        expect(all.at(-1) ?? 0).toBeLessThan(end)
      }
      const moment = begin.epochMilliseconds + minutes * 60_000
      const rest = all.filter((at) => at > moment)
      const resumed = expanded
        .after(new Date(moment))
        .take(60)
        .map(({ at }) => at.getTime())
        .toArray()
      expect(resumed.slice(0, rest.length)).toEqual(rest)
      if (all.length < 60) expect(resumed).toEqual(rest)
    }),
    { numRuns: 200 },
  )
})

test('a long past is not walked through', () => {
  const expanded = expandTiming(from('1970-01-01', { frequency: 4, period: 1, periodUnit: 'd' }))
  const began = performance.now()
  for (let i = 0; i < 100; i++) expanded.after(new Date('2026-05-04T12:00:00Z')).next()
  expect(performance.now() - began).toBeLessThan(30_000)
})
