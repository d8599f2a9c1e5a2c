import { easterSunday, holidaysOf, isHoliday } from './norwegian-holidays.ts'

test.each([
  [1961, '1961-04-02'],
  [2000, '2000-04-23'],
  [2008, '2008-03-23'],
  [2019, '2019-04-21'],
  [2024, '2024-03-31'],
  [2025, '2025-04-20'],
  [2026, '2026-04-05'],
  [2027, '2027-03-28'],
  [2038, '2038-04-25'],
  [2285, '2285-03-22'],
])('Easter Sunday of %i is %s', (year, date) => expect(easterSunday(year)).toBe(date))

test('the twelve holidays of 2026', () => {
  expect([...holidaysOf(2026)].sort()).toEqual([
    ['2026-01-01', 'Første nyttårsdag'],
    ['2026-04-02', 'Skjærtorsdag'],
    ['2026-04-03', 'Langfredag'],
    ['2026-04-05', 'Første påskedag'],
    ['2026-04-06', 'Andre påskedag'],
    ['2026-05-01', 'Første mai'],
    ['2026-05-14', 'Kristi himmelfartsdag'],
    ['2026-05-17', 'Grunnlovsdagen'],
    ['2026-05-24', 'Første pinsedag'],
    ['2026-05-25', 'Andre pinsedag'],
    ['2026-12-25', 'Første juledag'],
    ['2026-12-26', 'Andre juledag'],
  ])
})

test('Easter Sunday is a Sunday between 22 March and 25 April, each year for six centuries', () => {
  for (let year = 1700; year < 2300; year++) {
    const date = easterSunday(year)
    expect([date, new Date(date).getUTCDay()]).toEqual([date, 0])
    expect(date.slice(5) >= '03-22' && date.slice(5) <= '04-25').toBe(true)
  }
})

test('Christmas Eve and Easter Eve are no holidays', () => {
  expect(['2026-12-24', '2026-04-04', '2026-12-25'].map(isHoliday)).toEqual([false, false, true])
})
