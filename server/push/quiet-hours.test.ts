import { minuteOf, nextQuiet, quietUntil } from './quiet-hours.ts'

const NIGHT = { from: 22 * 60, until: 7 * 60 }
const MIDDAY = { from: 12 * 60, until: 13 * 60 + 30 }

test.each([
  ['in the evening they are over next morning', '2026-11-23T21:30:00Z', NIGHT, '2026-11-24T06:00:00.000Z'],
  ['after midnight, the same morning', '2026-11-24T02:00:00Z', NIGHT, '2026-11-24T06:00:00.000Z'],
  ['they begin at their first minute', '2026-11-23T21:00:00Z', NIGHT, '2026-11-24T06:00:00.000Z'],
  ['and are over at their last', '2026-11-24T06:00:00Z', NIGHT, undefined],
  ['by day nobody is spared', '2026-11-24T11:00:00Z', NIGHT, undefined],
  ['a rest at noon', '2026-11-24T11:15:00Z', MIDDAY, '2026-11-24T12:30:00.000Z'],
  ['before it', '2026-11-24T10:59:00Z', MIDDAY, undefined],
  // Clocks go from 02:00 to 03:00.
  ['the night when summer time begins', '2026-03-28T22:00:00Z', NIGHT, '2026-03-29T05:00:00.000Z'],
  ['the night when it ends', '2026-10-24T21:00:00Z', NIGHT, '2026-10-25T06:00:00.000Z'],
] as const)('%s', (_, now, hours, until) => expect(quietUntil(new Date(now), hours)?.toISOString()).toBe(until))

test.each([
  ['by day they begin in the evening', '2026-11-24T11:00:00Z', NIGHT, '2026-11-24T21:00:00.000Z'],
  ['after a rest at noon, at the next noon', '2026-11-24T13:00:00Z', MIDDAY, '2026-11-25T11:00:00.000Z'],
  ['over the night when summer time ends', '2026-10-24T13:00:00Z', MIDDAY, '2026-10-25T11:00:00.000Z'],
] as const)('%s', (_, now, hours, from) => expect(nextQuiet(new Date(now), hours).toISOString()).toBe(from))

test.each([
  ['22:00', 1320],
  ['07:00:00', 420],
  ['00:00', 0],
  ['24:00', undefined],
  ['7:00', undefined],
  ['22:60', undefined],
  ['', undefined],
] as const)('%s is minute %s', (text, minute) => expect(minuteOf(text)).toBe(minute))
