import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { type Loop, startLoop } from './loop.ts'

/** Longer than any test: whoever waits for so long has not been called. */
const FOR_EVER = 1_000_000

/** A loop that notes its turns; `waits` are what they say, the last of them from then on. */
function noting(...waits: number[]): { loop: Loop; count: () => number } {
  let count = 0
  const loop = startLoop(async () => {
    await nextTurn()
    return waits[Math.min(count++, waits.length - 1)] ?? FOR_EVER
  })
  return { loop, count: () => count }
}

const settle = async () => {
  for (let i = 0; i < 20; i++) await nextTurn()
}

test('while there is more, nothing is waited for', async () => {
  const { loop, count } = noting(0, 0, FOR_EVER)
  await settle()
  expect(count()).toBe(3)
  await loop.stop()
})

test('who waits is called, also by a call that came while it worked', async () => {
  const { loop, count } = noting(FOR_EVER)
  loop.wake()
  await settle()
  expect(count()).toBe(2)
  loop.wake()
  await settle()
  expect(count()).toBe(3)
  await loop.stop()
})

test('who is stopped ends the turn that is under way, which can know it, and takes no other', async () => {
  const told: boolean[] = []
  const loop = startLoop(async (isStopped) => {
    await nextTurn()
    told.push(isStopped())
    return 0
  })
  await loop.stop()
  expect(told).toEqual([true])
})
