import fc from 'fast-check'
import { summarise } from './statistics.ts'

test('of five values', () => {
  expect(summarise([9, 1, 5, 3, 7], 2)).toEqual({
    ...{ count: 5, sum: 25, average: 5, minimum: 1, maximum: 9, median: 5, variance: 8, 'std-dev': 2.82842712475 },
    ...{ '20-percent': 2.6, '80-percent': 7.4, '4-lower': 3, '4-upper': 7, '4-dev': 2, 'total-count': 7 },
    ...{ '5-1': 2.6, '5-2': 4.2, '5-3': 5.8, '5-4': 7.4, skew: 0, kurtosis: 1.7 },
  })
})

test('what leans to high values has a positive skew; of values that are all the same there is none', () => {
  expect(summarise([1, 1, 1, 5]).skew).toBeCloseTo(1.1547, 4)
  expect(summarise([2, 2])).toMatchObject({ skew: Number.NaN, kurtosis: Number.NaN })
})

test('of one value, each is that value, and nothing deviates', () => {
  expect(summarise([36.6])).toMatchObject({ average: 36.6, median: 36.6, '20-percent': 36.6, variance: 0, count: 1 })
})

test('tenths add up to tenths', () => expect(summarise([0.1, 0.2]).sum).toBe(0.3))

test('whatever is measured: minimum, 20 %, median, 80 % and maximum stand in this order, whatever order it came in', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(values, (measured) => {
      const found = summarise(measured)
      const ordered = [found.minimum, found['20-percent'], found.median, found['80-percent'], found.maximum]
      expect([...ordered].sort((one, other) => one - other)).toEqual(ordered)
      expect(summarise([...measured].reverse())).toEqual(found)
    }),
  )
})
