import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { keepFresh } from './keep-fresh.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('the record is read when the net is back, when the app is taken up, and now and then while it is seen', () => {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' as DocumentVisibilityState })
  const net = new EventTarget()
  const reload = jest.fn()
  const stop = keepFresh(reload, net, page)
  const become = (state: DocumentVisibilityState) => {
    page.visibilityState = state
    page.dispatchEvent(new Event('visibilitychange'))
  }
  net.dispatchEvent(new Event('online'))
  expect(reload).toHaveBeenCalledTimes(1)
  become('hidden')
  jest.advanceTimersByTime(3_600_000)
  expect(reload).toHaveBeenCalledTimes(1)
  become('visible')
  expect(reload).toHaveBeenCalledTimes(2)
  jest.advanceTimersByTime(600_000)
  expect(reload.mock.calls.length).toBeGreaterThan(2)
  stop()
  reload.mockClear()
  net.dispatchEvent(new Event('online'))
  become('visible')
  jest.advanceTimersByTime(600_000)
  expect(reload).not.toHaveBeenCalled()
})
