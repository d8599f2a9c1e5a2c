import type { HealthcareService } from '@medplum/fhirtypes'
import { NOBODY, serviceOf } from '../../../server/core/decide/task/staff.ts'
import { isHoliday } from '../../../server/core/decide/time/norwegian-holidays.ts'
import { type OpeningHours, openIntervals, openingHoursOf } from '../../../server/core/decide/time/opening-hours.ts'
import { addDays, fromOsloClock, toOsloClock } from '../../../server/core/decide/time/oslo-time.ts'

/** Of a team that has not said when it is there, or that is always there: nobody is promised an answer at midnight. */
export const OFFICE: OpeningHours = openingHoursOf({
  availableTime: [
    {
      daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
      availableStartTime: '08:00:00',
      availableEndTime: '15:00:00',
    },
  ],
})
const DAY_MINUTES = 24 * 60
/** A team that is closed for longer than this has not said when it opens. */
const DAY_COUNT_MAX = 60

/**
 * When a team is there, by the HealthcareService that serves it, as the engine finds it for deadlines.
 * @param team `CareTeam/7` or `Organization/7`, to whom somebody has written
 */
export function answeringHours(team: string | undefined, services: readonly HealthcareService[]): OpeningHours {
  const service = team === undefined ? undefined : serviceOf(team, { ...NOBODY, services: [...services] })
  if (!service?.availableTime?.length) return OFFICE
  const hours = openingHoursOf(service)
  const isAlwaysOpen = hours.week.every((day) => day.some(({ from, to }) => to - from >= DAY_MINUTES))
  return isAlwaysOpen ? OFFICE : hours
}

/**
 * By the end of the next working day on which the team is there, as the pathways promise their patients; what is written on a Friday evening
 * is answered on Monday or, where that is a holiday, after it.
 */
export function answerDue(sent: Date, hours: OpeningHours = OFFICE): Date {
  let { date } = toOsloClock(sent)
  for (let day = 0; day < DAY_COUNT_MAX; day++) {
    date = addDays(date, 1)
    if (!isWorkingDay(date)) continue
    const [begin, end] = [fromOsloClock(date, 0), fromOsloClock(addDays(date, 1), 0)]
    const last = [...openIntervals(hours, begin, end)].at(-1)
    // A night shift answers before the day is over.
    if (last) return new Date(Math.min(last.to, end.getTime()))
  }
  return answerDue(sent)
}

const isWorkingDay = (date: string): boolean => {
  const day = new Date(`${date}T12:00:00Z`).getUTCDay()
  return day !== 0 && day !== 6 && !isHoliday(date)
}
