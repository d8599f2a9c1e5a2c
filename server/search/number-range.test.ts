import fc from 'fast-check'
import { parseNumberRange } from './number-range.ts'

test.each([
  ['100', 99.5, 100.5],
  ['100.00', 99.995, 100.005],
  ['5.4', 5.35, 5.45],
  ['-1', -1.5, -0.5],
  ['0', -0.5, 0.5],
  ['1.2e1', 11.5, 12.5],
  ['2E-3', 0.0015, 0.0025],
])('%s stands for [%d, %d)', (text, low, high) =>
  expect(parseNumberRange(text)).toEqual({ value: Number(text), low, high }),
)

test.each(['', 'x', '1,5', '.5', '5.', '1e999', 'NaN', '0x10', '1e', ' 1'])('%p is no number', (text) =>
  expect(parseNumberRange(text)).toBeUndefined(),
)

test('the range always holds its number', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat({ max: 8 }), (digits, scale) => {
      const text = `${digits}e-${scale}`
      const range = parseNumberRange(text)
      expect(range?.low).toBeLessThan(Number(text))
      expect(range?.high).toBeGreaterThan(Number(text))
    }),
  )
})
