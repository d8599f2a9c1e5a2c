import fc from 'fast-check'
import { scoreNews2 } from './score.ts'
import { type Measures, PARTS, type Points, type Spo2Scale } from './table.ts'

/** Somebody who is well by every part. */
const WELL: Measures = {
  respiratoryRate: 16,
  spo2: 97,
  airOrOxygen: 'air',
  systolic: 125,
  pulse: 70,
  consciousness: 'A',
  temperature: 37.0,
}

// The published chart, cell by cell: the ends of each. [part, scale, oxygen, from, to, points]
const CELLS: [keyof Measures, Spo2Scale, 'air' | 'oxygen', number, number, Points][] = [
  ['respiratoryRate', 1, 'air', 0, 8, 3],
  ['respiratoryRate', 1, 'air', 9, 11, 1],
  ['respiratoryRate', 1, 'air', 12, 20, 0],
  ['respiratoryRate', 1, 'air', 21, 24, 2],
  ['respiratoryRate', 1, 'air', 25, 70, 3],
  ['spo2', 1, 'air', 50, 91, 3],
  ['spo2', 1, 'air', 92, 93, 2],
  ['spo2', 1, 'oxygen', 94, 95, 1],
  ['spo2', 1, 'oxygen', 96, 100, 0],
  ['spo2', 2, 'air', 50, 83, 3],
  ['spo2', 2, 'oxygen', 50, 83, 3],
  ['spo2', 2, 'air', 84, 85, 2],
  ['spo2', 2, 'oxygen', 84, 85, 2],
  ['spo2', 2, 'air', 86, 87, 1],
  ['spo2', 2, 'oxygen', 86, 87, 1],
  ['spo2', 2, 'air', 88, 92, 0],
  ['spo2', 2, 'oxygen', 88, 92, 0],
  ['spo2', 2, 'air', 93, 100, 0],
  ['spo2', 2, 'oxygen', 93, 94, 1],
  ['spo2', 2, 'oxygen', 95, 96, 2],
  ['spo2', 2, 'oxygen', 97, 100, 3],
  ['systolic', 1, 'air', 50, 90, 3],
  ['systolic', 1, 'air', 91, 100, 2],
  ['systolic', 1, 'air', 101, 110, 1],
  ['systolic', 1, 'air', 111, 219, 0],
  ['systolic', 1, 'air', 220, 300, 3],
  ['pulse', 1, 'air', 20, 40, 3],
  ['pulse', 1, 'air', 41, 50, 1],
  ['pulse', 1, 'air', 51, 90, 0],
  ['pulse', 1, 'air', 91, 110, 1],
  ['pulse', 1, 'air', 111, 130, 2],
  ['pulse', 1, 'air', 131, 250, 3],
  ['temperature', 1, 'air', 30.0, 35.0, 3],
  ['temperature', 1, 'air', 35.1, 36.0, 1],
  ['temperature', 1, 'air', 36.1, 38.0, 0],
  ['temperature', 1, 'air', 38.1, 39.0, 1],
  ['temperature', 1, 'air', 39.1, 43.0, 2],
]

test.each(CELLS)('%s, scale %s, on %s: %s to %s is %s', (part, scale, airOrOxygen, from, to, points) => {
  const step = part === 'temperature' ? 0.1 : 1
  for (let value = from; value <= to + step / 2; value += step) {
    const score = scoreNews2({ ...WELL, airOrOxygen, [part]: value }, scale)
    expect([value, score.points[part]]).toEqual([value, points])
  }
})

test.each([
  ['A', 0],
  ['C', 3],
  ['V', 3],
  ['P', 3],
  ['U', 3],
] as const)('consciousness %s is %s', (consciousness, points) => {
  expect(scoreNews2({ ...WELL, consciousness }, 1).points.consciousness).toBe(points)
})

test.each([
  ['air', 0],
  ['oxygen', 2],
] as const)('on %s is %s', (airOrOxygen, points) => {
  expect(scoreNews2({ ...WELL, airOrOxygen }, 1).points.airOrOxygen).toBe(points)
})

test.each([
  [WELL, 0, 'low'],
  [{ ...WELL, airOrOxygen: 'oxygen', pulse: 115 }, 4, 'low'],
  [{ ...WELL, consciousness: 'C' }, 3, 'low-medium'],
  [{ ...WELL, airOrOxygen: 'oxygen', pulse: 115, temperature: 38.5 }, 5, 'medium'],
  [{ ...WELL, airOrOxygen: 'oxygen', pulse: 115, respiratoryRate: 22 }, 6, 'medium'],
  [{ ...WELL, airOrOxygen: 'oxygen', pulse: 115, respiratoryRate: 25 }, 7, 'high'],
  [
    {
      respiratoryRate: 30,
      spo2: 80,
      airOrOxygen: 'oxygen',
      systolic: 80,
      pulse: 140,
      consciousness: 'U',
      temperature: 34,
    },
    20,
    'high',
  ],
] as const)('%j: total %s, %s', (measures, total, risk) => {
  expect(scoreNews2(measures, 1)).toMatchObject({ total, risk, missing: [] })
})

test.each(PARTS)('without %s there is no total', (part) => {
  const score = scoreNews2({ ...WELL, [part]: undefined }, 1)
  expect(score.missing).toEqual([part])
  expect(score).not.toHaveProperty('total')
  expect(score).not.toHaveProperty('risk')
})

test('scale 2 needs to know whether there is oxygen', () => {
  expect(scoreNews2({ ...WELL, airOrOxygen: undefined }, 2).missing).toEqual(['spo2', 'airOrOxygen'])
})

const measures = fc.record(
  {
    respiratoryRate: fc.integer({ min: 0, max: 70 }),
    spo2: fc.integer({ min: 50, max: 100 }),
    airOrOxygen: fc.constantFrom('air' as const, 'oxygen' as const),
    systolic: fc.integer({ min: 40, max: 300 }),
    pulse: fc.integer({ min: 20, max: 250 }),
    consciousness: fc.constantFrom(...(['A', 'C', 'V', 'P', 'U'] as const)),
    temperature: fc.integer({ min: 300, max: 430 }).map((tenths) => tenths / 10),
  },
  { requiredKeys: [] },
)

test('there is a total exactly when nothing is missing, and it is the sum of the parts', () => {
  fc.assert(
    fc.property(measures, fc.constantFrom<Spo2Scale>(1, 2), (given, scale) => {
      const { points, missing, total } = scoreNews2(given, scale)
      const sum = Object.values(points).reduce((all: number, one) => all + one, 0)
      expect(total).toBe(missing.length === 0 ? sum : undefined)
      expect(Object.keys(points).length + missing.length).toBe(7)
    }),
  )
})
