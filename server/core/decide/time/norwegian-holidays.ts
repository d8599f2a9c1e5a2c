import { addDays } from './oslo-time.ts'

/** Days before and after Easter Sunday, by what the day is called. */
const MOVING: [number, string][] = [
  [-3, 'Skjærtorsdag'],
  [-2, 'Langfredag'],
  [0, 'Første påskedag'],
  [1, 'Andre påskedag'],
  [39, 'Kristi himmelfartsdag'],
  [49, 'Første pinsedag'],
  [50, 'Andre pinsedag'],
]
const FIXED: [string, string][] = [
  ['01-01', 'Første nyttårsdag'],
  ['05-01', 'Første mai'],
  ['05-17', 'Grunnlovsdagen'],
  ['12-25', 'Første juledag'],
  ['12-26', 'Andre juledag'],
]

const known = new Map<number, ReadonlyMap<string, string>>()

/**
 * Norway's public holidays of a year, by rule. Christmas Eve and Easter Eve are working days by law.
 * @returns date → name, such as `2026-05-17` → `Grunnlovsdagen`
 * @see https://lovdata.no/dokument/NL/lov/1995-02-24-12 and https://lovdata.no/dokument/NL/lov/1947-04-26-1
 */
export function holidaysOf(year: number): ReadonlyMap<string, string> {
  const cached = known.get(year)
  if (cached) return cached
  const easter = easterSunday(year)
  const days = new Map([
    ...FIXED.map(([day, name]) => [`${String(year).padStart(4, '0')}-${day}`, name] as const),
    ...MOVING.map(([days, name]) => [addDays(easter, days), name] as const),
  ])
  known.set(year, days)
  return days
}

/** @param date `2026-05-17` */
export const isHoliday = (date: string): boolean => holidaysOf(Number(date.slice(0, 4))).has(date)

/**
 * Easter Sunday of the Gregorian calendar, by the computus of Meeus, Jones and Butcher.
 * @returns `2026-04-05`
 */
export function easterSunday(year: number): string {
  const golden = year % 19
  const century = Math.floor(year / 100)
  const ofCentury = year % 100
  const moonShift = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3)
  const epact = (19 * golden + century - Math.floor(century / 4) - moonShift + 15) % 30
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - epact - (ofCentury % 4)) % 7
  const correction = Math.floor((golden + 11 * epact + 22 * weekday) / 451)
  const day = epact + weekday - 7 * correction + 114
  return `${String(year).padStart(4, '0')}-0${Math.floor(day / 31)}-${String((day % 31) + 1).padStart(2, '0')}`
}
