import { compareToLimit } from './limits.ts'

const UCUM = 'http://unitsofmeasure.org'

test.each<[unknown, unknown, -1 | 0 | 1 | undefined]>([
  [1, 2, -1],
  [2, 2, 0],
  ['2026-03-06', '2026-03-05', 1],
  ['2026-03', '2026-03-05', 0],
  ['2026-03-05T08:00:00+01:00', '2026-03-05T07:30:00Z', -1],
  [{ value: 999, system: UCUM, code: 'g' }, { value: 1, system: UCUM, code: 'kg' }, -1],
  [{ value: 37, system: UCUM, code: 'Cel' }, { value: 310, system: UCUM, code: 'K' }, 1],
  [{ value: 1, system: UCUM, code: 'g' }, { value: 1, system: UCUM, code: 'm' }, undefined],
  [{ value: 1, unit: 'glass' }, { value: 1, system: UCUM, code: 'g' }, undefined],
  ['x', 1, undefined],
])('%j beside %j: %s', (value, limit, expected) => expect(compareToLimit(value, limit)).toBe(expected))
