import { onlineTokenSeconds, SESSION_SECONDS_MAX, sessionSecondsLeft } from './session-time.ts'

const LOGIN = 1_800_000_000
const IDLE = 1_800
const at = (seconds: number) => new Date((LOGIN + seconds) * 1000)

test.each([
  ['just after the sign-in', 0, IDLE],
  ['used again after an hour', 3_600, IDLE],
  ['used shortly before the eight hours are over', SESSION_SECONDS_MAX - 60, 60],
  ['when they are over', SESSION_SECONDS_MAX, 0],
  ['long after', SESSION_SECONDS_MAX + 100_000, 0],
])('a session %s has so long left', (_when, seconds, left) =>
  expect(sessionSecondsLeft(LOGIN, IDLE, at(seconds))).toBe(left),
)

test('while nobody has signed in it lasts as long as it may lie idle', () =>
  expect(sessionSecondsLeft(undefined, IDLE, at(0))).toBe(IDLE))

test.each([
  [3_600, IDLE, 900],
  [300, IDLE, 300],
  [3_600, 28_800, 3_600],
])('a token registered for %s s, in sessions that may lie idle for %s s, lasts %s s', (registered, idle, seconds) =>
  expect(onlineTokenSeconds(registered, idle)).toBe(seconds),
)
