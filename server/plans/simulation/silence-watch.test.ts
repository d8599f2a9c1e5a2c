import { jest } from '@jest/globals'
import { watchSilence } from './silence-watch.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('who says nothing for so long is told of, once; who says something has as long again', () => {
  const onSilent = jest.fn()
  const watch = watchSilence(60, onSilent)
  jest.advanceTimersByTime(59_000)
  watch.heard()
  jest.advanceTimersByTime(59_000)
  expect(onSilent).not.toHaveBeenCalled()
  jest.advanceTimersByTime(120_000)
  expect(onSilent).toHaveBeenCalledTimes(1)
})

test('time in which nothing ran here does not count, and nobody is told of after the end', () => {
  const onSilent = jest.fn()
  const watch = watchSilence(60, onSilent)
  jest.advanceTimersByTime(58_000)
  // Waking up, a timer rings once for all that it has slept through.
  jest.setSystemTime(Date.now() + 3_600_000)
  jest.advanceTimersByTime(1_000)
  expect(onSilent).not.toHaveBeenCalled()
  watch.end()
  jest.advanceTimersByTime(120_000)
  expect(onSilent).not.toHaveBeenCalled()
})
