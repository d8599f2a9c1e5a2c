import { expect, test } from '@jest/globals'
import { nextToSend, toEntries } from './entry.ts'

const ENTRIES = toEntries(
  ['a', 'b'].map((id) => ({
    id,
    resource: { resourceType: 'Observation' as const, status: 'final' as const, code: {} },
  })),
  new Date(),
)

test.each([
  [0, 'a'],
  [2, 'a'],
  [3, 'b'],
  [100, 'b'],
])('after %i failures of the oldest, %s is sent next', (count, id) => {
  expect(nextToSend(ENTRIES, new Map([['a', count]]))?.id).toBe(id)
})

test('where both fail, both are tried in turn', () => {
  const failures = new Map<string, number>()
  const tried = Array.from({ length: 12 }, () => {
    const { id = '' } = nextToSend(ENTRIES, failures) ?? {}
    failures.set(id, (failures.get(id) ?? 0) + 1)
    return id
  }).join('')
  expect(tried).toBe('aaabbbaaabbb')
})
