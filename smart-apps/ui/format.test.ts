import { expect, test } from '@jest/globals'
import { clock, date, moment, number, span, unbroken } from './format.ts'
import { ageOf, nationalNumberOf } from './person.ts'

const NOW = new Date('2026-11-23T08:30:00Z')
// Intl separates by spaces of several kinds.
const plain = (text: string) => text.replace(/\s/g, ' ')

test.each([
  ['2026-11-23T06:40:00Z', 'nb', 'i dag 07:40'],
  ['2026-11-22T22:59:00Z', 'nb', 'i går 23:59'],
  ['2026-11-22T23:01:00Z', 'nb', 'i dag 00:01'],
  ['2026-11-24T06:40:00Z', 'nn', 'i morgon 07:40'],
  ['2026-11-22T08:00:00Z', 'en', 'yesterday 09:00'],
  ['2026-11-19T06:40:00Z', 'nb', 'tor. 19. nov. 07:40'],
  ['2025-03-30T06:40:00Z', 'nb', '30. mars 2025 08:40'],
] as const)('%s is told in %s as "%s"', (at, language, said) => {
  expect(plain(moment(new Date(at), language, NOW)).replace('tors.', 'tor.')).toBe(said)
})

test('days are those of the clocks here, also on the nights when these are changed', () => {
  const night = new Date('2026-10-25T00:30:00Z')
  expect(moment(new Date('2026-10-24T21:00:00Z'), 'nb', night)).toBe('i går 23:00')
  expect(moment(new Date('2026-10-24T22:30:00Z'), 'nb', night)).toBe('i dag 00:30')
})

test.each([
  [20_000, 'nå'],
  [12 * 60_000, '12 min'],
  [135 * 60_000, '2 t 15 min'],
  [120 * 60_000, '2 t'],
  [-7 * 3600_000, '7 t'],
  [5 * 86_400_000, '5 d'],
])('%i ms is "%s"', (millis, said) => expect(span(millis, 'nb')).toBe(said))

test('times, dates and numbers are written the Norwegian way', () => {
  const at = new Date('2026-03-05T06:07:00Z')
  expect([clock(at, 'nb'), date(at, 'nb'), number(37.84, 'nb'), number(37.84, 'en')]).toEqual([
    ...['07:07', '05.03.2026', '37,8', '37.8'],
  ])
})

test('a person has a number that is grouped, and an age by the calendar', () => {
  expect(nationalNumberOf([{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' }])).toBe('131169 00216')
  expect(nationalNumberOf([{ system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '9144889' }])).toBeUndefined()
  expect([ageOf('1969-11-23', new Date(2026, 10, 23)), ageOf('1969-11-24', new Date(2026, 10, 23))]).toEqual([57, 56])
  expect(ageOf('1969')).toBeUndefined()
})

test('a number and its unit stay on one line', () => {
  expect(unbroken('SpO2 84 %, rød grense 88 %')).toBe('SpO2 84\u00a0%, rød grense 88\u00a0%')
  expect(unbroken('Vekt opp 2,1 kg på 3 dager')).toBe('Vekt opp 2,1\u00a0kg på 3 dager')
})
