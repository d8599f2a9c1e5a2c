import type { MeasureReport, Task, TaskInput } from '@medplum/fhirtypes'
import { peopleAt, timesOfKind } from '../../core/decide/simulation/shifts.ts'
import { engineTask, retold } from '../../core/decide/task/engine-task.ts'
import type { Staff } from '../../core/decide/task/staff.ts'
import { toOsloDateTime } from '../../core/decide/time/oslo-time.ts'
import { taskInput } from '../../core/decide/words/coded-words.ts'
import { type Told, toldAs, toldConcept } from '../../core/decide/words/told.ts'
import { expectationsOf } from './forecast-report.ts'
import type { Week } from './week.ts'

/** Task.code of a Task about shifts that have fewer people than their work needs. */
export const UNDERSTAFFED = 'shift-understaffed'
/** How long there is to do something about it. */
const DEADLINE = { value: 1, unit: 'd', code: 'd' }

/** What one plan lets a team expect: its forecast, and what a Task of it takes. */
export type Workload = { forecast: MeasureReport; minutesPerTask: number }
/** A shift to come that has fewer people than it needs. */
export type ShortShift = { from: Date; to: Date; needed: number; rostered: number }

/**
 * The shifts of a time on which a team has fewer people than the work of all its plans together needs, so that in 19 of 20 such shifts
 * they have time for what comes. What the plans bring is taken as independent: their peaks seldom fall together.
 * @param workloads of one team, a forecast for each plan
 * @returns none where nobody knows who is in the team
 */
export function shortShifts(workloads: Workload[], team: string, staff: Staff, period: Week): ShortShift[] {
  const byKind = Map.groupBy(
    workloads.flatMap(({ forecast, minutesPerTask }) =>
      expectationsOf(forecast).map(({ kind, mean, p95 }) => ({
        kind,
        minutes: mean * minutesPerTask,
        peak: (p95 - mean) * minutesPerTask,
      })),
    ),
    ({ kind }) => kind,
  )
  return [...byKind]
    .flatMap(([kind, works]) => {
      const minutes = works.reduce((sum, one) => sum + one.minutes, 0) + Math.hypot(...works.map(({ peak }) => peak))
      return timesOfKind(kind, period).flatMap(({ from, to }) => {
        const needed = Math.ceil((minutes * 60_000) / (to.getTime() - from.getTime()))
        const rostered = peopleAt(team, staff, new Date((from.getTime() + to.getTime()) / 2))
        return rostered !== undefined && rostered < needed ? [{ from, to, needed, rostered }] : []
      })
    })
    .sort((one, other) => one.from.getTime() - other.from.getTime())
}

export type Understaffed = { team: string; shifts: ShortShift[]; forecast: MeasureReport }

/** For the team itself: whoever leads it finds more people, or less to do. */
export function understaffedTask(found: Understaffed, now: Date): Task {
  const { team, forecast } = found
  const task = engineTask({
    ...{ code: UNDERSTAFFED, colour: 'grey', priority: 'urgent', now, within: DEADLINE },
    name: `${team}|*understaffed|${forecast.period?.start}|${now.toISOString()}`,
    about: `MeasureReport/${forecast.id}`,
    owner: { reference: team },
    told: {
      nb: 'Sett inn flere på vaktene, eller avtal hva som kan vente',
      nn: 'Set inn fleire på vaktene, eller avtal kva som kan vente',
      en: 'Put more people on the shifts, or agree what may wait',
    },
  })
  return { ...task, ...toldOf(found) }
}

/** The open Task with the shifts as they are now. @returns the same Task when they are still those */
export const retoldUnderstaffed = (task: Task, found: Understaffed, now: Date): Task => retold(task, toldOf(found), now)

/** What is said when no shift is short any more. */
export const STAFFED_AGAIN: Told = {
  nb: 'Vaktene har nok folk.',
  nn: 'Vaktene har nok folk.',
  en: 'The shifts have enough people.',
}

/** What is said when no plan in force expects work of the team any more: whether the shifts have people was not asked. */
export const NOTHING_EXPECTED: Told = {
  nb: 'Ingen plan som gjelder, venter lenger arbeid på vaktene.',
  nn: 'Ingen plan som gjeld, ventar lenger arbeid på vaktene.',
  en: 'No plan in force expects work on the shifts any more.',
}

function toldOf({ shifts }: Understaffed): Pick<Task, 'reasonCode' | 'input'> {
  const count = shifts.length
  return {
    reasonCode: toldConcept({
      nb: `${count === 1 ? 'Én vakt' : `${count} vakter`} har færre på jobb enn prognosen tilsier`,
      nn: `${count === 1 ? 'Éi vakt' : `${count} vakter`} har færre på jobb enn prognosen tilseier`,
      en: `${count === 1 ? 'One shift has' : `${count} shifts have`} fewer people than the forecast needs`,
    }),
    input: shifts.map(shiftInput),
  }
}

const shiftInput = ({ from, to, needed, rostered }: ShortShift): TaskInput => ({
  type: {
    ...taskInput('short-shift'),
    ...toldAs('text', {
      nb: `${rostered} på vakt, ${needed} trengs`,
      nn: `${rostered} på vakt, ${needed} trengst`,
      en: `${rostered} on shift, ${needed} needed`,
    }),
  },
  valuePeriod: { start: toOsloDateTime(from), end: toOsloDateTime(to) },
})
