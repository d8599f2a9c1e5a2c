import { jest } from '@jest/globals'
import { restThread, takeThread } from './kept-thread.ts'

beforeEach(async () => {
  // Perhaps of another file of tests.
  await takeThread().terminate()
  jest.useFakeTimers()
})
afterEach(() => void jest.useRealTimers())

test('a thread that has rested shortly is given to the next', async () => {
  const worker = takeThread()
  restThread(worker)
  jest.advanceTimersByTime(29_000)
  expect(takeThread()).toBe(worker)
  await worker.terminate()
})

test('a thread that ends because it has rested for long is given to nobody while it ends', async () => {
  const worker = takeThread()
  restThread(worker)
  jest.advanceTimersByTime(30_000)
  const next = takeThread()
  expect(next).not.toBe(worker)
  await Promise.all([worker.terminate(), next.terminate()])
})
