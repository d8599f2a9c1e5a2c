import { expect, test } from '@jest/globals'
import { wantsAsync } from './async-job.ts'

test.each([
  ['respond-async', true],
  ['respond-async, handling=strict', true],
  ['return=minimal;respond-async', true],
  ['respond-asynchronously', false],
  ['handling=respond-async', false],
  ['', false],
  [undefined, false],
])('Prefer: %s asks for work that is not waited for: %s', (prefer, expected) => {
  expect(wantsAsync(prefer)).toBe(expected)
})
