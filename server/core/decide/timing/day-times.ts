import type { Timing } from '@medplum/fhirtypes'

/** A code of `Timing.repeat.when`. http://hl7.org/fhir/R4/valueset-event-timing.html */
export type When = NonNullable<NonNullable<Timing['repeat']>['when']>[number]

/** Where a person's day has its marks, as `HH:MM` on the wall clock of `zone`. */
export type DayTimes = {
  /** IANA time zone, by whose wall clock days, weeks and months are counted. */
  zone: string
  /** The times that `when` names; a meal's own time, and what is before and after meals without an offset. */
  when: Record<When, string[]>
  /** What is asked for n times a day, with no time said, is spread evenly from the first to the last. */
  first: string
  last: string
}

/**
 * A Norwegian day: breakfast at eight, lunch at noon, dinner at half past four. The codes themselves are "according to the
 * routine of the place"; a CarePlan can give the person's own.
 */
export const NORWEGIAN_DAY: DayTimes = {
  zone: 'Europe/Oslo',
  first: '08:00',
  last: '20:00',
  when: {
    MORN: ['08:00'],
    'MORN.early': ['06:30'],
    'MORN.late': ['10:30'],
    NOON: ['12:00'],
    AFT: ['15:00'],
    'AFT.early': ['13:00'],
    'AFT.late': ['17:00'],
    EVE: ['20:00'],
    'EVE.early': ['18:00'],
    'EVE.late': ['21:30'],
    NIGHT: ['23:00'],
    // After sleep ("phase sommeil") is just after getting up.
    PHS: ['07:15'],
    HS: ['22:00'],
    WAKE: ['07:00'],
    C: ['08:00', '12:00', '16:30'],
    CM: ['08:00'],
    CD: ['12:00'],
    CV: ['16:30'],
    AC: ['07:30', '11:30', '16:00'],
    ACM: ['07:30'],
    ACD: ['11:30'],
    ACV: ['16:00'],
    PC: ['09:00', '13:00', '17:30'],
    PCM: ['09:00'],
    PCD: ['13:00'],
    PCV: ['17:30'],
  },
}

/** What an offset counts from: AC before the meal and PC after it, whose own time is that of C. */
const MEAL_OF: Partial<Record<When, When>> = {
  AC: 'C',
  ACM: 'CM',
  ACD: 'CD',
  ACV: 'CV',
  PC: 'C',
  PCM: 'CM',
  PCD: 'CD',
  PCV: 'CV',
}

/**
 * Minutes after midnight of the day; below 0 or above 1440 when an offset leads into the day before or after.
 * @param offset minutes: before the event for AC, ACM, ACD and ACV, after it for all others. 0 counts as said.
 */
export function minutesOfWhen(when: When, offset: number | undefined, times: DayTimes): number[] {
  if (offset === undefined) return times.when[when].map(minutesOf)
  const sign = when.startsWith('AC') ? -1 : 1
  return times.when[MEAL_OF[when] ?? when].map((time) => minutesOf(time) + sign * offset)
}

/** `HH:MM` or `HH:MM:SS` as minutes after midnight; seconds are a fraction. */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number)
  return hours * 60 + minutes + seconds / 60
}
