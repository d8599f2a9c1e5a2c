import fc from 'fast-check'
import { equalsFixed, matchesPattern } from './pattern.ts'

const A = { system: 's', code: 'a' }
const B = { system: 's', code: 'b' }

test.each([
  ['the same primitive', 'x', 'x', true, true],
  ['another primitive', 'y', 'x', false, false],
  ['nothing', undefined, 'x', false, false],
  ['a member more', { ...A, display: 'A' }, A, false, true],
  ['a member less', { code: 'a' }, A, false, false],
  ['an item more', { coding: [B, A] }, { coding: [A] }, false, true],
  ['items in another order', { coding: [B, A] }, { coding: [A, B] }, false, true],
  ['an item less', { coding: [A] }, { coding: [A, B] }, false, false],
  ['an array for one', [A], A, false, false],
])('%s', (_, value, wanted, isFixed, isPattern) => {
  expect(equalsFixed(value, wanted)).toBe(isFixed)
  expect(matchesPattern(value, wanted)).toBe(isPattern)
})

const value = fc.jsonValue({ maxDepth: 3 })

test('a value is what it is, and what is exactly a value also matches it', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      expect(equalsFixed(one, structuredClone(one))).toBe(true)
      expect(matchesPattern(one, structuredClone(one))).toBe(true)
      if (equalsFixed(one, other)) expect(matchesPattern(one, other)).toBe(true)
    }),
  )
})

test('whatever is added to an object, it still matches the pattern that it was', () => {
  const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value)
  fc.assert(
    fc.property(object, value, (pattern, added) => {
      expect(matchesPattern({ ...pattern, more: added }, pattern)).toBe(true)
      expect(equalsFixed({ ...pattern, more: added }, pattern)).toBe(false)
    }),
  )
})
