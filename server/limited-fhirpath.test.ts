import { compileLimited } from './limited-fhirpath.ts'
import { TooLong } from './time-limit.ts'

const PATIENT = { resourceType: 'Patient', name: [{ family: `${'a'.repeat(50)}!` }] }

test('what is quick is evaluated as ever', () => {
  expect(compileLimited("name.family.startsWith('a')")(PATIENT, {})).toEqual([true])
  expect(compileLimited("name.family.matches('^a{5}')")(PATIENT, {})).toEqual([true])
})

test('a pattern that backtracks is stopped, and after a second of it not even tried', () => {
  const evil = compileLimited("name.family.matches('^(a+)+$')")
  const times = Array.from({ length: 14 }, () => {
    const began = performance.now()
    expect(() => evil(PATIENT, {})).toThrow(TooLong)
    return performance.now() - began
  })
  expect(Math.min(...times.slice(-3))).toBeLessThan(50)
})

test('a text that is made to be slow to parse is stopped too', () => {
  expect(() => compileLimited('a(b('.repeat(2_000))).toThrow()
})

test.each([
  ["name.family.matches('^[A-Z]+$')", true],
  ["name.family.matches('^[0-9]{11}$')", true],
  ["name.family.matches('^(a+)+$')", false],
  ["name.family.matches('^a*a*a*$')", false],
  ['name.family.matches(name.given)', false],
])('%s is watched unless it is certain to be quick', async (expression, isBounded) => {
  const { costOf } = await import('./core/fhirpath/cost.ts')
  expect(costOf(expression).isBounded).toBe(isBounded)
})
