import type { Parameters } from '@medplum/fhirtypes'
import { triedOf } from './what-if.ts'

const counted = (name: string, simulated: number, actual: number) => ({
  name,
  part: [
    { name: 'simulated', valueInteger: simulated },
    { name: 'actual', valueInteger: actual },
  ],
})
const day = (date: string, ...part: ReturnType<typeof counted>[]) => ({
  name: 'day',
  part: [{ name: 'date', valueDate: date }, ...part],
})

test('what would have been is counted by zone; what was is not counted in', () => {
  const answer: Parameters = {
    resourceType: 'Parameters',
    parameter: [
      counted('tasks', 9, 9),
      day('2026-09-21', counted('red', 1, 4), counted('yellow', 2, 0)),
      day('2026-09-24', counted('grey', 1, 0)),
      day('2026-09-25', counted('yellow', 1, 1)),
    ],
  }
  expect(triedOf(answer)).toMatchObject({ red: 1, yellow: 3, grey: 1, green: 0 })
  expect(triedOf(answer).days).toHaveLength(3)
})

test('days on which nothing would have happened are not there, and count nothing', () => {
  expect(triedOf({ resourceType: 'Parameters' })).toEqual({ red: 0, yellow: 0, grey: 0, green: 0, days: [] })
})
