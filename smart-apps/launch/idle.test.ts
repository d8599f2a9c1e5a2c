import { expect, test } from '@jest/globals'
import { type Presence, watchIdle } from './idle.ts'

const MINUTE = 60_000
const IDLE = 30 * MINUTE

/** Two windows of one browser, at a time that the test puts forward. */
function browser() {
  let now = 1_800_000_000_000
  let seenAt: number | undefined
  const looks = new Set<() => void>()
  const open = () => {
    const signs = new Set<() => void>()
    let idleCount = 0
    const presence: Presence = {
      now: () => now,
      seenAt: () => seenAt,
      seen(at) {
        seenAt = at
      },
      onSign(run) {
        signs.add(run)
        return () => void signs.delete(run)
      },
      every(_millis, run) {
        looks.add(run)
        return () => void looks.delete(run)
      },
    }
    const stop = watchIdle(presence, IDLE, () => void idleCount++)
    const touch = () => {
      for (const run of [...signs]) run()
    }
    return { touch, idleCount: () => idleCount, stop }
  }
  /** @param isAsleep no clock rings meanwhile */
  const pass = (millis: number, isAsleep = false) => {
    now += millis
    if (!isAsleep) for (const look of [...looks]) look()
  }
  return { open, pass }
}

test('whoever does nothing for so long is idle, once', () => {
  const { open, pass } = browser()
  const window = open()
  pass(IDLE - 1)
  expect(window.idleCount()).toBe(0)
  pass(1)
  pass(IDLE)
  window.touch()
  expect(window.idleCount()).toBe(1)
})

test('each sign begins it again, in whichever window it is', () => {
  const { open, pass } = browser()
  const [one, other] = [open(), open()]
  pass(IDLE - MINUTE)
  other.touch()
  pass(IDLE - MINUTE)
  expect([one.idleCount(), other.idleCount()]).toEqual([0, 0])
  pass(MINUTE)
  expect([one.idleCount(), other.idleCount()]).toEqual([1, 1])
})

test('whoever wakes a machine that slept for so long has been idle: the first sign goes on with nothing', () => {
  const { open, pass } = browser()
  const window = open()
  pass(IDLE + 1, true)
  window.touch()
  expect(window.idleCount()).toBe(1)
})

test('a watch that was ended tells nothing', () => {
  const { open, pass } = browser()
  const window = open()
  window.stop()
  pass(IDLE)
  expect(window.idleCount()).toBe(0)
})
