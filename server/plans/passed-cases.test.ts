import { expect, test } from '@jest/globals'
import { type Settle, settleHere } from '../expressions/expressions.ts'
import type { PlanReport } from '../lifecycle/plan-report.ts'
import { oncePassed } from './passed-cases.ts'

/** Whoever evaluates, for one test. */
const evaluating = (): Settle => async (work, ground) => settleHere(work, ground)

/** A report each time that is called, and how often it was. */
function playing(passes: boolean) {
  const played = { count: 0, play: async (): Promise<PlanReport> => ({ passed: passes, cases: [], coverage: [] }) }
  const { play } = played
  return Object.assign(played, {
    play: () => {
      played.count += 1
      return play()
    },
  })
}

test('cases that have passed are not played again for the same content', async () => {
  const settle = evaluating()
  const played = playing(true)
  const first = await oncePassed({ settle, digest: 'a' }, played.play)
  expect(await oncePassed({ settle, digest: 'a' }, played.play)).toBe(first)
  expect(played.count).toBe(1)
})

test.each([
  ['another content', true, (settle: Settle) => ({ settle, digest: 'b' })],
  ['what has not passed', false, (settle: Settle) => ({ settle, digest: 'a' })],
  ['other limits of time', true, () => ({ settle: evaluating(), digest: 'a' })],
])('%s is played', async (_, passes, second) => {
  const settle = evaluating()
  const played = playing(passes)
  await oncePassed({ settle, digest: 'a' }, played.play)
  await oncePassed(second(settle), played.play)
  expect(played.count).toBe(2)
})

test('the oldest of many is forgotten', async () => {
  const settle = evaluating()
  const played = playing(true)
  for (let i = 0; i <= 20; i++) await oncePassed({ settle, digest: `${i}` }, played.play)
  await oncePassed({ settle, digest: '20' }, played.play)
  expect(played.count).toBe(21)
  await oncePassed({ settle, digest: '0' }, played.play)
  expect(played.count).toBe(22)
})
