import { type Language, LOCALES } from '../texts/language.ts'

const ZONE = 'Europe/Oslo'
const DAY_MILLIS = 86_400_000
const MINUTE_MILLIS = 60_000

type Words = {
  today: string
  yesterday: string
  tomorrow: string
  now: string
  minutes: string
  hours: string
  days: string
}
/** Words that stand inside of dates; short, as in a table. */
const WORDS: Record<Language, Words> = {
  nb: { today: 'i dag', yesterday: 'i går', tomorrow: 'i morgen', now: 'nå', minutes: 'min', hours: 't', days: 'd' },
  nn: { today: 'i dag', yesterday: 'i går', tomorrow: 'i morgon', now: 'no', minutes: 'min', hours: 't', days: 'd' },
  en: {
    today: 'today',
    yesterday: 'yesterday',
    tomorrow: 'tomorrow',
    now: 'now',
    minutes: 'min',
    hours: 'h',
    days: 'd',
  },
}

const formats = new Map<string, Intl.DateTimeFormat>()
/** Making one takes longer than using it, and a list uses it a thousand times. */
function format(language: Language, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${name}`
  const found = formats.get(key)
  if (found) return found
  const made = new Intl.DateTimeFormat(LOCALES[language], { timeZone: ZONE, ...options })
  formats.set(key, made)
  return made
}

/** 07:42 */
export const clock = (at: Date, language: Language): string =>
  format(language, 'clock', { hour: '2-digit', minute: '2-digit' }).format(at).replace('.', ':')

/** 19.11.2026 */
export const date = (at: Date, language: Language): string =>
  format(language, 'date', { day: '2-digit', month: '2-digit', year: 'numeric' }).format(at)

/** 19. nov. */
export const dayAndMonth = (at: Date, language: Language): string =>
  format(language, 'day-month', { day: 'numeric', month: 'short' }).format(at)

const HOUR_MILLIS = 60 * MINUTE_MILLIS
const DAY_COUNT_MAX = 2_000
const days = new Map<number, number>()

/** Days since 1970 by the clocks of Oslo, which turn to another day with a full hour; a list asks a thousand times for the same ones. */
function dayNumber(at: Date): number {
  const hour = Math.floor(at.getTime() / HOUR_MILLIS)
  const found = days.get(hour)
  if (found !== undefined) return found
  if (days.size >= DAY_COUNT_MAX) days.clear()
  const day = readDayNumber(at)
  days.set(hour, day)
  return day
}

function readDayNumber(at: Date): number {
  const parts = format('en', 'parts', { year: 'numeric', month: 'numeric', day: 'numeric' }).formatToParts(at)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day')) / DAY_MILLIS
}

/** "i dag 07:40", "i går 07:40", then "tors. 19. nov. 07:40", with the year when it is another. */
export function moment(at: Date, language: Language, now = new Date()): string {
  const words = WORDS[language]
  const distance = dayNumber(at) - dayNumber(now)
  const time = clock(at, language)
  if (distance === 0) return `${words.today} ${time}`
  if (distance === -1) return `${words.yesterday} ${time}`
  if (distance === 1) return `${words.tomorrow} ${time}`
  const isThisYear =
    format('en', 'year', { year: 'numeric' }).format(at) === format('en', 'year', { year: 'numeric' }).format(now)
  const day = isThisYear
    ? format(language, 'day', { weekday: 'short', day: 'numeric', month: 'short' }).format(at)
    : format(language, 'day-year', { day: 'numeric', month: 'short', year: 'numeric' }).format(at)
  return `${day} ${time}`
}

/** "nå", "12 min", "3 t", "2 t 15 min", "4 d": how long, without saying in which direction. */
export function span(millis: number, language: Language): string {
  const words = WORDS[language]
  const minutes = Math.floor(Math.abs(millis) / MINUTE_MILLIS)
  if (minutes < 1) return words.now
  if (minutes < 60) return `${minutes} ${words.minutes}`
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (hours < 5 && rest > 0) return `${hours} ${words.hours} ${rest} ${words.minutes}`
  return hours < 48 ? `${hours} ${words.hours}` : `${Math.floor(hours / 24)} ${words.days}`
}

const numberFormats = new Map<string, Intl.NumberFormat>()

/** 37,8 */
export function number(value: number, language: Language, decimalCountMax = 1): string {
  const key = `${language} ${decimalCountMax}`
  const found = numberFormats.get(key)
  if (found) return found.format(value)
  const made = new Intl.NumberFormat(LOCALES[language], { maximumFractionDigits: decimalCountMax })
  numberFormats.set(key, made)
  return made.format(value)
}

/** A number and its unit stay on one line. */
export const unbroken = (words: string) =>
  words.replace(/(\d) (?=%|°C|kg\b|mmHg|mmol\b|L\/min|\/min|slag)/g, '$1\u00a0')
