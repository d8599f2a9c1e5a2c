import { expect, test } from '@jest/globals'
import { steady } from './steady-order.ts'

/** `a` is yellow, `A` is red. */
const list = (...names: string[]) =>
  names.map((name) => ({ id: name.toLowerCase(), first: { zone: name === name.toLowerCase() ? 'yellow' : 'red' } }))
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
const placed = (...names: string[]) => steady(new Map(), list(...names), false).placed

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
  const found = steady(placed(...before), list(...next), isHeld)
  expect([ids(found.shown), ids(found.waiting)]).toEqual([shown, waiting])
})

test('what is drawn is what is now said of it', () => {
  const { shown } = steady(placed('a'), [{ ...list('a')[0], id: 'a', first: { zone: 'green' } }], true)
  expect(shown).toEqual([{ id: 'a', first: { zone: 'green' } }])
})

test('what becomes red where it stands is told until it is put where it belongs; what was red there is not', () => {
  const first = steady(placed('A', 'b', 'c'), list('A', 'C', 'b'), true)
  expect([ids(first.shown), ids(first.waiting), ids(first.risen)]).toEqual([['a', 'b', 'c'], [], ['c']])
  const later = steady(first.placed, list('A', 'C', 'b'), true)
  expect([ids(later.shown), ids(later.risen)]).toEqual([['a', 'b', 'c'], ['c']])
  const letIn = steady(later.placed, list('A', 'C', 'b'), false)
  expect([ids(letIn.shown), ids(letIn.risen)]).toEqual([['a', 'c', 'b'], []])
  expect(ids(steady(letIn.placed, list('A', 'C', 'b'), true).risen)).toEqual([])
})

test('what becomes red and stands with the reds already is where it belongs', () => {
  expect(ids(steady(placed('A', 'b', 'c'), list('A', 'B', 'c'), true).risen)).toEqual([])
  expect(ids(steady(placed('a'), list('A'), true).risen)).toEqual([])
})

test('what has left and comes back is new', () => {
  const gone = steady(placed('a', 'b'), list('a'), true)
  expect(ids(steady(gone.placed, list('B', 'a'), true).waiting)).toEqual(['b'])
})
