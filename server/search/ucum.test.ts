import { toBaseUnits } from './ucum.ts'

test.each([
  ['g', 5.4, 'mg', 5400],
  ['kg', 1, 'g', 1000],
  ['mm[Hg]', 1, 'Pa', 133.322],
  ['h', 1, 'min', 60],
  ['Cel', 37, 'K', 310.15],
])('%s: %d is the same as %s: %d', (unit, value, otherUnit, otherValue) => {
  const [one, other] = [toBaseUnits(unit), toBaseUnits(otherUnit)]
  expect(one?.unit).toBe(other?.unit)
  expect(one?.convert(value)).toBe(other?.convert(otherValue))
})

test.each(['[iU]', '[pH]', 'no such unit', ''])('%p has no base units', (code) =>
  expect(toBaseUnits(code)).toBeUndefined(),
)
