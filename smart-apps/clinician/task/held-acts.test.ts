import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { Refused, Unreachable } from '../../fhir/failure.ts'
import type { Act } from './act.ts'
import { createHeldActs, HELD_MILLIS } from './held-acts.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const act = (id: string): Act => ({
  ...{ id, words: { held: 'Sendes', done: 'Sendt.' }, patient: 'line', taskIds: ['1'] },
  request: { kind: 'transaction', entry: [] },
})

function held(answers: (Error | undefined)[] = [], before: Act[] = []) {
  const sent: string[] = []
  let kept: readonly Act[] = before
  const acts = createHeldActs({
    send: async ({ id }) => {
      sent.push(id)
      const failure = answers.shift()
      if (failure) throw failure
      return undefined
    },
    kept: () => before,
    keep: (next) => {
      kept = next
    },
    onDone: () => {},
  })
  const states = () => acts.current().map(({ id, state }) => [id, state])
  return { acts, sent, states, kept: () => kept.map(({ id }) => id) }
}

test('nothing is sent before its ten seconds are over, and then once', async () => {
  const { acts, sent, states } = held()
  acts.hold(act('a'))
  await jest.advanceTimersByTimeAsync(HELD_MILLIS - 1)
  expect([sent, states()]).toEqual([[], [['a', 'held']]])
  await jest.advanceTimersByTimeAsync(1)
  acts.sendNow('a')
  await jest.advanceTimersByTimeAsync(HELD_MILLIS)
  expect([sent, states()]).toEqual([['a'], [['a', 'done']]])
})

test('held twice it is one; undone it is never sent; too late it cannot be undone', async () => {
  const { acts, sent } = held()
  acts.hold(act('a'))
  acts.hold(act('a'))
  expect(acts.current()).toHaveLength(1)
  expect(acts.undo('a')?.id).toBe('a')
  await jest.advanceTimersByTimeAsync(HELD_MILLIS * 2)
  expect(sent).toEqual([])
  acts.hold(act('b'))
  await jest.advanceTimersByTimeAsync(HELD_MILLIS)
  expect([sent, acts.undo('b')]).toEqual([['b'], undefined])
})

test('without contact it waits and is sent again; refused it is told, and not sent again by itself', async () => {
  const { acts, sent, states, kept } = held([new Unreachable(), undefined, new Refused(412, [])])
  acts.hold(act('a'))
  acts.sendNow('a')
  await jest.advanceTimersByTimeAsync(0)
  expect([states(), kept()]).toEqual([[['a', 'waiting']], ['a']])
  await jest.advanceTimersByTimeAsync(HELD_MILLIS)
  expect(states()).toEqual([['a', 'done']])
  acts.hold(act('b'))
  await jest.advanceTimersByTimeAsync(HELD_MILLIS * 3)
  expect([sent, states(), kept()]).toEqual([
    ['a', 'a', 'b'],
    [
      ['a', 'done'],
      ['b', 'failed'],
    ],
    [],
  ])
})

test('what the page had not sent for certain is sent when it is opened again; closing sends all at once', async () => {
  const again = held([], [act('a')])
  await jest.advanceTimersByTimeAsync(HELD_MILLIS)
  expect(again.sent).toEqual(['a'])
  const closing = held()
  closing.acts.hold(act('b'))
  closing.acts.hold(act('c'))
  closing.acts.flush()
  expect(closing.sent).toEqual(['b', 'c'])
})
