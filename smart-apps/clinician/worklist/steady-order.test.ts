import { expect, test } from '@jest/globals'
import { steady } from './steady-order.ts'

const list = (...ids: string[]) => ids.map((id) => ({ id }))
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)

test.each([
  ['nobody is at it: as it is', ['a', 'b'], ['c', 'b', 'a'], false, ['c', 'b', 'a'], []],
  [
    'somebody is at it: each stays where it was, what is new waits',
    ['a', 'b'],
    ['c', 'b', 'a'],
    true,
    ['a', 'b'],
    ['c'],
  ],
  ['somebody is at it: what has left is gone', ['a', 'b', 'c'], ['c', 'a'], true, ['a', 'c'], []],
  ['nothing was drawn before: as it is', [], ['a'], true, ['a'], []],
  ['what waits keeps its order', ['a'], ['d', 'a', 'c'], true, ['a'], ['d', 'c']],
])('%s', (_name, before, next, isHeld, shown, waiting) => {
  const found = steady(before, list(...next), isHeld)
  expect([ids(found.shown), ids(found.waiting)]).toEqual([shown, waiting])
})

test('what is drawn is what is now said of it', () => {
  const { shown } = steady(['a'], [{ id: 'a', name: 'new' }], true)
  expect(shown).toEqual([{ id: 'a', name: 'new' }])
})
