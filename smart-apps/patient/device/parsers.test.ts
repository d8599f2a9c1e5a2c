import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseBloodPressure } from './blood-pressure.ts'
import { Bytes, Unreadable } from './bytes.ts'
import { type DeviceReading, isRefused, type Parsed } from './device-reading.ts'
import { parseGlucose } from './glucose.ts'
import { parseContinuous, parseSpotCheck, steady } from './oximeter.ts'
import { newestIn } from './receive.ts'
import { parseTemperature } from './temperature.ts'
import { parseWeight } from './weight.ts'

const view = (...bytes: number[]) => new DataView(new Uint8Array(bytes).buffer)
const u16 = (value: number) => [value & 0xff, (value >> 8) & 0xff]
const u24 = (value: number) => [...u16(value), (value >> 16) & 0xff]
const sfloat = (mantissa: number, exponent: number) => u16(((exponent & 0xf) << 12) | (mantissa & 0xfff))
const float = (mantissa: number, exponent: number) => [...u24(mantissa & 0xffffff), exponent & 0xff]
/** 4 March 2026, 07:12:30. */
const STAMP = [...u16(2026), 3, 4, 7, 12, 30]
const STAMPED = { date: '2026-03-04', minuteOfDay: 7 * 60 + 12, second: 30 }

/** Each with its bytes as a device sends them, every optional field in. */
const WHOLE: [name: string, parse: (view: DataView) => Parsed, bytes: number[], reading: object][] = [
  [
    'blood pressure',
    parseBloodPressure,
    [0b1_1110, ...sfloat(142, 0), ...sfloat(88, 0), ...sfloat(106, 0), ...STAMP, ...sfloat(70, 0), 2, ...u16(0)],
    { values: { systolic: 142, diastolic: 88, pulse: 70 }, stampedAt: STAMPED, disturbances: [], user: 2 },
  ],
  [
    'spot-check of an oximeter',
    parseSpotCheck,
    [0b1111, ...sfloat(93, 0), ...sfloat(74, 0), ...STAMP, ...u16(1 << 8), ...u24(0), ...sfloat(12, -1)],
    { values: { spo2: 93, pulse: 74 }, stampedAt: STAMPED, disturbances: [] },
  ],
  [
    'each second of an oximeter',
    parseContinuous,
    [
      0b1111,
      ...sfloat(93, 0),
      ...sfloat(74, 0),
      ...sfloat(1, 0),
      ...sfloat(1, 0),
      ...sfloat(1, 0),
      ...sfloat(1, 0),
    ].concat([...u16(1 << 5), ...u24(0)]),
    { values: { spo2: 93, pulse: 74 }, disturbances: [] },
  ],
  [
    'weight',
    parseWeight,
    [0b1110, ...u16(13_680), ...STAMP, 1, ...u16(230), ...u16(1720)],
    { values: { weight: 68.4 }, stampedAt: STAMPED, disturbances: [], user: 1 },
  ],
  [
    'temperature',
    parseTemperature,
    [0b110, ...float(378, -1), ...STAMP, 6],
    { values: { temperature: 37.8 }, stampedAt: STAMPED, disturbances: [] },
  ],
  [
    'glucose',
    parseGlucose,
    [0b1111, ...u16(7), ...STAMP, ...u16(60), ...sfloat(62, -4), 0x11, ...u16(0)],
    {
      ...{ values: { glucose: 6.2 }, disturbances: [] },
      stampedAt: { ...STAMPED, minuteOfDay: 8 * 60 + 12 },
    },
  ],
]

test.each(WHOLE)('%s with all that it may say', (_, parse, bytes, reading) => {
  expect(parse(view(...bytes))).toEqual(reading)
})

test.each(WHOLE)('%s that breaks off anywhere is unreadable', (_, parse, bytes) => {
  const needed = parse === parseSpotCheck ? bytes.length - 2 : bytes.length
  for (let length = 0; length < needed; length++)
    expect(() => parse(view(...bytes.slice(0, length)))).toThrow(Unreadable)
})

test('glucose by the meter of somebody past midnight is of the next day', () => {
  const stamp = [...u16(2026), 12, 31, 23, 30, 0]
  const parsed = parseGlucose(view(0b111, ...u16(7), ...stamp, ...u16(45), ...sfloat(62, -4), 0x11))
  expect(parsed).toMatchObject({ stampedAt: { date: '2027-01-01', minuteOfDay: 15 } })
})

test('whatever bytes come: a reading of finite numbers, a reason, or that it cannot be read', () => {
  const parsers = WHOLE.map(([, parse]) => parse)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      for (const parse of parsers) {
        let parsed: Parsed
        try {
          parsed = parse(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
        } catch (error) {
          expect(error).toBeInstanceOf(Unreadable)
          continue
        }
        if (isRefused(parsed)) continue
        for (const value of Object.values(parsed.values)) expect(Number.isFinite(value)).toBe(true)
        const { stampedAt } = parsed
        if (stampedAt) expect(Date.parse(stampedAt.date)).not.toBeNaN()
      }
    }),
    { numRuns: 500 },
  )
})

test('a number by IEEE 11073 is the one that was written, and none of the five that are none', () => {
  const exponents = fc.integer({ min: -8, max: 7 })
  fc.assert(
    fc.property(fc.integer({ min: -2045, max: 2045 }), exponents, (mantissa, exponent) => {
      expect(new Bytes(view(...sfloat(mantissa, exponent))).sfloat()).toBeCloseTo(mantissa * 10 ** exponent, 8)
    }),
  )
  fc.assert(
    fc.property(
      fc.integer({ min: -8_388_605, max: 8_388_605 }),
      fc.integer({ min: -9, max: 4 }),
      (mantissa, exponent) => {
        const read = new Bytes(view(...float(mantissa, exponent))).float()
        expect(read).toBe(Number(`${mantissa}e${exponent}`))
      },
    ),
  )
  for (const raw of [0x07ff, 0x0800, 0x07fe, 0x0802, 0x0801])
    expect(new Bytes(view(...u16(raw))).sfloat()).toBeUndefined()
  for (const raw of [0x7fffff, 0x800000, 0x7ffffe, 0x800002, 0x800001])
    expect(new Bytes(view(...u24(raw), 0)).float()).toBeUndefined()
})

describe('units are those of the app', () => {
  test.each([
    ['a pound is 0.45359237 kg', parseWeight(view(1, ...u16(15_000))), { weight: 68 }],
    ['100.4 °F is 38 °C', parseTemperature(view(1, ...float(1004, -1))), { temperature: 38 }],
    [
      '18.9 kPa is 142 mmHg',
      parseBloodPressure(view(1, ...sfloat(189, -1), ...sfloat(117, -1), ...sfloat(141, -1))),
      { systolic: 142, diastolic: 88 },
    ],
    [
      '112 mg/dL is 6.2 mmol/L',
      parseGlucose(view(0b10, ...u16(1), ...STAMP, ...sfloat(112, -5), 0x11)),
      { glucose: 6.2 },
    ],
  ])('%s', (_, parsed, values) => expect(parsed).toMatchObject({ values }))
})

test.each([
  ['NaN of an oximeter', parseSpotCheck(view(0, ...u16(0x07ff), ...sfloat(70, 0))), 'noValue'],
  ['NRes of a pressure', parseBloodPressure(view(0, ...u16(0x0800), ...sfloat(88, 0), ...sfloat(100, 0))), 'noValue'],
  ['a scale that was stepped off', parseWeight(view(0, 0xff, 0xff)), 'noValue'],
  ['NaN of a thermometer', parseTemperature(view(0, 0xff, 0xff, 0x7f, 0)), 'noValue'],
  [
    'a finger that is still in it',
    parseSpotCheck(view(0b10, ...sfloat(93, 0), ...sfloat(70, 0), ...u16(1 << 5))),
    'stillMeasuring',
  ],
  [
    'one that shows itself in a shop',
    parseSpotCheck(view(0b10, ...sfloat(98, 0), ...sfloat(70, 0), ...u16(1 << 10))),
    'notOfABody',
  ],
  [
    'a sensor that is off',
    parseSpotCheck(view(0b100, ...sfloat(98, 0), ...sfloat(70, 0), ...u24(1 << 15))),
    'deviceFault',
  ],
  ['control solution', parseGlucose(view(0b110, ...u16(1), ...STAMP, ...sfloat(62, -4), 0x1a)), 'notOfABody'],
  [
    'a strip too small a drop was on',
    parseGlucose(view(0b1110, ...u16(1), ...STAMP, ...sfloat(62, -4), 0x11, ...u16(4))),
    'deviceFault',
  ],
  ['HI', parseGlucose(view(0b1110, ...u16(1), ...STAMP, ...u16(0x07fe), 0x11, ...u16(1 << 5))), 'aboveRange'],
  ['LO', parseGlucose(view(0b1110, ...u16(1), ...STAMP, ...u16(0x0802), 0x11, ...u16(1 << 6))), 'belowRange'],
])('%s is no measurement', (_, parsed, refused) => expect(parsed).toEqual({ refused }))

test.each([
  ['a cuff that is too loose', 1 << 1, ['looseCuff']],
  ['an uneven pulse of somebody who moved', (1 << 2) | 1, ['moved', 'irregularPulse']],
  ['nothing', 0, []],
])('%s is told with the value', (_, status, disturbances) => {
  const bytes = [0b1_0000, ...sfloat(142, 0), ...sfloat(88, 0), ...sfloat(106, 0), ...u16(status)]
  expect(parseBloodPressure(view(...bytes))).toMatchObject({ values: { systolic: 142 }, disturbances })
})

test.each([
  ['zeros', [...u16(0), 0, 0, 0, 0, 0]],
  ['31 February', [...u16(2026), 2, 31, 7, 0, 0]],
  ["25 o'clock", [...u16(2026), 2, 3, 25, 0, 0]],
])('a clock that says %s knows no time', (_, stamp) => {
  const parsed = parseWeight(view(0b10, ...u16(13_680), ...stamp)) as DeviceReading
  expect(parsed).not.toHaveProperty('stampedAt')
})

test('an oximeter whose clock was never set says so, and its time is left out', () => {
  expect(parseSpotCheck(view(0b1_0001, ...sfloat(93, 0), ...sfloat(74, 0), ...STAMP))).not.toHaveProperty('stampedAt')
})

const second = (spo2: number, disturbances: DeviceReading['disturbances'] = []): DeviceReading => ({
  ...{ values: { spo2 }, disturbances },
})
test.each([
  ['stands still', Array.from({ length: 9 }, () => second(93)), 93],
  ['rises', [84, 86, 88, 90, 91, 92, 93, 93].map((value) => second(value)), undefined],
  ['is weak for a second', [...Array.from({ length: 7 }, () => second(93)), second(93, ['weakSignal'])], undefined],
  ['has only begun', [second(93)], undefined],
])('of an oximeter that tells each second, one is taken when it %s: %#', (_, readings, spo2) => {
  expect(steady(readings)?.values.spo2).toBe(spo2)
})

test('of several that a device has kept the newest is taken, by its clock', () => {
  const at = (date: string, minuteOfDay: number, weight: number): DeviceReading => ({
    ...{ values: { weight }, stampedAt: { date, minuteOfDay, second: 0 }, disturbances: [] },
  })
  const kept = [at('2026-03-04', 600, 68.4), at('2026-03-03', 1300, 69), at('2026-03-04', 90, 70)]
  expect(newestIn(kept)?.values).toEqual({ weight: 68.4 })
  expect(newestIn([])).toBeUndefined()
})
