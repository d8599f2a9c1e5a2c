import type { Timing } from '@medplum/fhirtypes'
import type { Language } from '../../texts/language.ts'
import { number } from '../../ui/format.ts'

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]
export const UNITS = ['d', 'wk', 'mo'] as const
export type Unit = (typeof UNITS)[number]

/** How often something is to be done, as people choose it. */
export type Schedule =
  | { kind: 'daily'; times: readonly string[]; count: number }
  | { kind: 'weekdays'; days: readonly Weekday[]; times: readonly string[] }
  /** `count` times in so many days, weeks or months. */
  | { kind: 'every'; count: number; period: number; unit: Unit; times: readonly string[] }

/** @returns undefined for a Timing that says more than can be chosen here; it is shown, and not changed */
export function scheduleOf({ repeat, event }: Timing): Schedule | undefined {
  if (!repeat || (event && event.length > 0)) return undefined
  const { frequency = 1, period = 1, periodUnit, dayOfWeek, timeOfDay, ...rest } = repeat
  if (Object.keys(rest).some((name) => !name.startsWith('bounds'))) return undefined
  const times = (timeOfDay ?? []).map((time) => time.slice(0, 5))
  const unit = UNITS.find((one) => one === periodUnit)
  if (!unit) return undefined
  if (dayOfWeek && dayOfWeek.length > 0) {
    const days = WEEKDAYS.filter((day) => dayOfWeek.includes(day))
    return unit === 'wk' && period === 1 ? { kind: 'weekdays', days, times } : undefined
  }
  if (unit === 'd' && period === 1) return { kind: 'daily', times, count: Math.max(frequency, times.length) }
  return frequency === 1 || times.length === 0 ? { kind: 'every', count: frequency, period, unit, times } : undefined
}

/** The Timing with this schedule; when it begins and ends stays. */
export function timingWith(before: Timing | undefined, schedule: Schedule): Timing {
  const bounds = Object.fromEntries(Object.entries(before?.repeat ?? {}).filter(([name]) => name.startsWith('bounds')))
  const { times } = schedule
  const timeOfDay = times.length > 0 ? { timeOfDay: times.map((time) => `${time}:00`).sort() } : {}
  const own =
    schedule.kind === 'daily'
      ? { frequency: times.length || schedule.count, period: 1, periodUnit: 'd' as const }
      : schedule.kind === 'weekdays'
        ? {
            ...{ frequency: 1, period: 1, periodUnit: 'wk' as const },
            dayOfWeek: WEEKDAYS.filter((day) => schedule.days.includes(day)),
          }
        : { frequency: times.length > 0 ? 1 : schedule.count, period: schedule.period, periodUnit: schedule.unit }
  return { ...(before?.code ? { code: before.code } : {}), repeat: { ...bounds, ...own, ...timeOfDay } }
}

/** How often it is asked for in four weeks; a month counts as four weeks and a third of one. */
export function countInFourWeeks(schedule: Schedule): number {
  const each = Math.max(1, schedule.times.length)
  if (schedule.kind === 'daily') return 28 * (schedule.times.length || schedule.count)
  if (schedule.kind === 'weekdays') return 4 * schedule.days.length * each
  const days = { d: 1, wk: 7, mo: 30.4 }[schedule.unit] * schedule.period
  return (28 / days) * (schedule.times.length > 0 ? each : schedule.count)
}

/** "08:00 20.30" → 08:00 and 20:30. @returns undefined where something is no time of the day */
export function timesOf(text: string): string[] | undefined {
  const parts = text.split(/[\s,;]+|\bog\b|\band\b/).filter(Boolean)
  const times = parts.map((part) => /^([01]?\d|2[0-3])(?:[:.]([0-5]\d))?$/.exec(part))
  if (times.some((found) => !found)) return undefined
  return [...new Set(times.map((found) => `${found?.[1]?.padStart(2, '0')}:${found?.[2] ?? '00'}`))].sort()
}

const WORDS = {
  nb: {
    daily: 'hver dag',
    many: '{count} ganger om dagen',
    often: '{count} ganger',
    at: 'kl.',
    days: { mon: 'mandag', tue: 'tirsdag', wed: 'onsdag', thu: 'torsdag', fri: 'fredag', sat: 'lørdag', sun: 'søndag' },
    every: {
      d: ['hver dag', 'hver {count}. dag'],
      wk: ['hver uke', 'hver {count}. uke'],
      mo: ['hver måned', 'hver {count}. måned'],
    },
    other: 'etter egen avtale',
  },
  nn: {
    daily: 'kvar dag',
    many: '{count} gonger om dagen',
    often: '{count} gonger',
    at: 'kl.',
    days: { mon: 'måndag', tue: 'tysdag', wed: 'onsdag', thu: 'torsdag', fri: 'fredag', sat: 'laurdag', sun: 'søndag' },
    every: {
      d: ['kvar dag', 'kvar {count}. dag'],
      wk: ['kvar veke', 'kvar {count}. veke'],
      mo: ['kvar månad', 'kvar {count}. månad'],
    },
    other: 'etter eigen avtale',
  },
  en: {
    daily: 'every day',
    many: '{count} times a day',
    often: '{count} times',
    at: 'at',
    days: {
      mon: 'Monday',
      tue: 'Tuesday',
      wed: 'Wednesday',
      thu: 'Thursday',
      fri: 'Friday',
      sat: 'Saturday',
      sun: 'Sunday',
    },
    every: {
      d: ['every day', 'every {count} days'],
      wk: ['every week', 'every {count} weeks'],
      mo: ['every month', 'every {count} months'],
    },
    other: 'as agreed',
  },
} as const satisfies Record<Language, object>

export const weekdayName = (day: Weekday, language: Language): string => WORDS[language].days[day]

/** "hver dag kl. 09:00", "mandag, onsdag og fredag", "hver 2. uke". */
export function scheduleInWords(timing: Timing | undefined, language: Language): string {
  const words = WORDS[language]
  const schedule = timing && scheduleOf(timing)
  if (!schedule) return timing?.code?.text ?? words.other
  const list = new Intl.ListFormat(language === 'en' ? 'en-GB' : language, { type: 'conjunction' })
  const times = schedule.times.length > 0 ? ` ${words.at} ${list.format(schedule.times)}` : ''
  if (schedule.kind === 'daily') {
    const often = schedule.times.length === 0 && schedule.count > 1
    return (often ? words.many.replace('{count}', String(schedule.count)) : words.daily) + times
  }
  if (schedule.kind === 'weekdays') return list.format(schedule.days.map((day) => words.days[day])) + times
  const [once, many] = words.every[schedule.unit]
  const every = schedule.period === 1 ? once : many.replace('{count}', number(schedule.period, language))
  const isOften = schedule.count > 1 && schedule.times.length === 0
  return (isOften ? `${words.often.replace('{count}', String(schedule.count))} ${every}` : every) + times
}
