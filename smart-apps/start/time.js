import { names, text } from './language.js'

const OSLO = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Oslo',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `12:41`, as clocks in Norway show it, wherever the browser is. */
export const clock = (at) => `${parts(at).hour}:${parts(at).minute}`
export const clockWithSeconds = (at) => `${clock(at)}:${parts(at).second}`

/** "i dag 12:41", "i går 07:12", then "tors. 19. nov. 07:12". */
export function moment(at, now = new Date()) {
  const time = clock(at)
  const days = dayNumber(at) - dayNumber(now)
  if (days === 0) return text('today', { time })
  if (days === -1) return text('yesterday', { time })
  if (days === 1) return text('tomorrow', { time })
  const { day, month } = parts(at)
  const weekday = names('weekdays')[new Date(dayNumber(at) * DAY).getUTCDay()]
  return text('date', { weekday, day: Number(day), month: names('months')[Number(month) - 1], time })
}

/** "for 2 min siden". */
export function ago(at, now = new Date()) {
  const passed = Math.max(0, now - at)
  if (passed < MINUTE) return text('justNow')
  if (passed < HOUR) return text('minutesAgo', { count: Math.floor(passed / MINUTE) })
  if (passed < 2 * DAY) return text('hoursAgo', { count: Math.floor(passed / HOUR) })
  return text('daysAgo', { count: Math.floor(passed / DAY) })
}

/** "28 min", "3 t", "2 d": of either sign, the larger unit alone. */
export function span(milliseconds) {
  const length = Math.abs(milliseconds)
  if (length < HOUR) return text('minutes', { count: Math.max(1, Math.floor(length / MINUTE)) })
  if (length < 2 * DAY) return text('hours', { count: Math.floor(length / HOUR) })
  return text('days', { count: Math.floor(length / DAY) })
}

/** Whole years from a birth date such as `1969-11-13`; undefined when it is not known to the day. */
export function age(birthDate, now = new Date()) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(birthDate ?? '')) return undefined
  const [year, month, day] = birthDate.split('-').map(Number)
  const today = parts(now)
  const before = Number(today.month) * 100 + Number(today.day) < month * 100 + day
  return Number(today.year) - year - (before ? 1 : 0)
}

function parts(at) {
  return Object.fromEntries(OSLO.formatToParts(at).map(({ type, value }) => [type, value]))
}

/** Days since 1970 of the Norwegian date. */
function dayNumber(at) {
  const { year, month, day } = parts(at)
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY
}
