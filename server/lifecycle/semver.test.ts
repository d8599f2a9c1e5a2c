import fc from 'fast-check'
import { compareVersions, freeVersion, nextVersion, VERSION_PARTS } from './semver.ts'

test.each([
  ['1.0.0', 'major', '2.0.0'],
  ['1.2.3', 'minor', '1.3.0'],
  ['1.2.9', 'patch', '1.2.10'],
  ['3', 'minor', '3.1.0'],
] as const)('after %s comes, by its %s part, %s', (version, part, next) => {
  expect(nextVersion(version, part)).toBe(next)
})

test('a version without numbers is refused: nobody knows what comes after it', () => {
  expect(() => nextVersion('spring', 'minor')).toThrow('spring')
})

test('the next version is always the later one', () => {
  const number = fc.nat(9_999)
  fc.assert(
    fc.property(fc.tuple(number, number, number), fc.constantFrom(...VERSION_PARTS), (numbers, part) => {
      const version = numbers.join('.')
      expect(compareVersions(nextVersion(version, part), version)).toBeGreaterThan(0)
    }),
  )
})

test.each([
  ['1.0.0', [], '1.1.0'],
  ['1.0.0', ['1.0.0', '1.1.0', '1.2.0'], '1.3.0'],
  ['2026-autumn', ['2026-autumn', '2026-autumn-1'], '2026-autumn-2'],
])('after %s, where %j are taken, %s is free', (version, taken, free) => {
  expect(freeVersion(version, new Set(taken))).toBe(free)
})
