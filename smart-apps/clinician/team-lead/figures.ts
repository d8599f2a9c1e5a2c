import type { CarePlan, MeasureReport, Observation, PlanDefinition, Reference, Task } from '@medplum/fhirtypes'
import { median } from '../../../server/core/decide/limits/quantile.ts'
import { endedAt } from '../../../server/core/decide/task/task-end.ts'
import { isOfPatient, isOpen, isWork, takenBy } from '../../../server/core/decide/task/task-status.ts'
import { ZONES, type Zone } from '../../ui/zone.ts'
import { rulesOf } from '../plan/proposal.ts'
import { zoneOf } from '../worklist/row.ts'

const DAY_MILLIS = 86_400_000
/** Of fewer, somebody could be recognised: no figure is told. */
export const SHOWN_COUNT_MIN = 5
/** So many days back adherence is about. */
export const ADHERENCE_DAYS = 7

const QUEUE = 'http://fylgje.no/fhir/StructureDefinition/queue'

/** Work of the staff: not what patients are asked to do, nor what other systems keep. */
const isStaffWork = (task: Task): boolean => isWork(task) && !isOfPatient(task)

/** Of a team: what waits in its queue, and what somebody has taken from there. @param team `CareTeam/7`; undefined: all */
export const ofTeam = (tasks: readonly Task[], team: string | undefined): readonly Task[] =>
  team === undefined ? tasks : tasks.filter((task) => teamOf(task)?.reference === team)

/** @param team `CareTeam/7`; undefined: all */
export const followedBy = (carePlans: readonly CarePlan[], team: string | undefined): readonly CarePlan[] =>
  team === undefined
    ? carePlans
    : carePlans.filter(({ careTeam }) => careTeam?.some(({ reference }) => reference === team))

export type Counted = Readonly<Record<Zone, number>> & { total: number; overdue: number; snoozed: number; free: number }
export type Load = Counted & {
  /** `CareTeam/7`; undefined for what nobody's queue holds. */
  owner: string | undefined
  name: string | undefined
  isPerson: boolean
}

/** What is open now, in all and for each team and person who has some of it; whoever has the most first. */
export function loadOf(tasks: readonly Task[], now: Date): { all: Counted; by: Load[] } {
  const open = tasks.filter((task) => isStaffWork(task) && isOpen(task))
  const groups = new Map<string, Task[]>()
  for (const task of open) {
    const keys = new Set([takenBy(task), teamOf(task)?.reference ?? ''])
    for (const key of keys) if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), task])
  }
  const by = [...groups].map(([owner, own]): Load => {
    const isPerson = own.some((task) => takenBy(task) === owner)
    const named = own.map((task) => (isPerson ? task.owner : teamOf(task))).find((one) => one?.display)
    return { ...counted(own, now), owner: owner || undefined, name: named?.display, isPerson }
  })
  return {
    all: counted(open, now),
    by: by.sort((one, other) => Number(one.isPerson) - Number(other.isPerson) || other.total - one.total),
  }
}

function teamOf(task: Task): Reference | undefined {
  if (!takenBy(task)) return task.owner
  return task.extension?.find(({ url }) => url === QUEUE)?.valueReference
}

function counted(tasks: readonly Task[], now: Date): Counted {
  const [red, yellow, grey, green] = ZONES.map((zone) => tasks.filter((task) => zoneOf(task) === zone).length) as [
    number,
    number,
    number,
    number,
  ]
  return {
    ...{ red, yellow, grey, green, total: tasks.length },
    overdue: tasks.filter((task) => Date.parse(task.restriction?.period?.end ?? '') < now.getTime()).length,
    snoozed: tasks.filter(({ status }) => status === 'on-hold').length,
    free: tasks.filter((task) => !takenBy(task)).length,
  }
}

export type Response = {
  zone: Zone
  /** Completed, of those that came in the period. */
  count: number
  /** Of those with a deadline: in percent. undefined of too few, or where none has one. */
  inTimePercent?: number
  medianMinutes?: number
}

/** How long it took from when a Task came until it was done, by zone. Those that were withdrawn are none of it: nobody did them. */
export function responsesOf(tasks: readonly Task[], since: Date): Response[] {
  const done = tasks.filter(
    (task) => isStaffWork(task) && task.status === 'completed' && Date.parse(task.authoredOn ?? '') >= since.getTime(),
  )
  return ZONES.map((zone): Response => {
    const own = done.filter((task) => zoneOf(task) === zone)
    const minutes = own
      .map((task) => (endedAt(task) - Date.parse(task.authoredOn ?? '')) / 60_000)
      .filter((one) => !Number.isNaN(one))
    const due = own.filter(({ restriction }) => restriction?.period?.end)
    const inTime = due.filter((task) => endedAt(task) <= Date.parse(task.restriction?.period?.end ?? ''))
    const isShown = own.length >= SHOWN_COUNT_MIN
    return {
      ...{ zone, count: own.length },
      ...(isShown && due.length >= SHOWN_COUNT_MIN && { inTimePercent: (100 * inTime.length) / due.length }),
      ...(isShown && minutes.length > 0 && { medianMinutes: median(minutes) }),
    }
  })
}

export type RuleFigures = {
  id: string
  title: string
  tasks: number
  findings: number
  closed: number
  actedOn: number
  per100?: number
  actedOnPercent?: number
  medianMinutes?: number
}

/**
 * What `$rule-rates` told, the loudest rule first. What rests on too few closed Tasks is not told; what the plan asks of everybody from the
 * beginning is no alarm.
 */
export function ruleFiguresOf({ group = [] }: MeasureReport, plan?: PlanDefinition): RuleFigures[] {
  const rules = new Set(rulesOf(plan?.action))
  const asked = new Set(idsOf(plan?.action).filter((id) => !rules.has(id)))
  return group
    .filter(({ code }) => !asked.has(code?.coding?.[0]?.code ?? ''))
    .map(({ code, population = [], measureScore, stratifier = [] }): RuleFigures => {
      const count = (name: string) => population.find((one) => one.code?.coding?.[0]?.code === name)?.count ?? 0
      const score = (name: string) =>
        stratifier.find((one) => one.code?.[0]?.coding?.[0]?.code === name)?.stratum?.[0]?.measureScore?.value
      const [share, minutes] = [score('share-acted-on'), score('minutes-to-decision-median')]
      const isShown = count('closed') >= SHOWN_COUNT_MIN
      return {
        ...{ id: code?.coding?.[0]?.code ?? '', title: code?.text ?? '' },
        ...{ tasks: count('tasks'), findings: count('findings') },
        ...{ closed: count('closed'), actedOn: count('acted-on') },
        ...(measureScore?.value !== undefined && { per100: measureScore.value }),
        ...(isShown && share !== undefined && { actedOnPercent: share }),
        ...(isShown && minutes !== undefined && { medianMinutes: minutes }),
      }
    })
    .sort((one, other) => other.tasks - one.tasks || one.title.localeCompare(other.title))
}

const idsOf = (actions: PlanDefinition['action']): string[] =>
  (actions ?? []).flatMap(({ id, action }) => [...(id ? [id] : []), ...idsOf(action)])

/** On how many of the last seven days something came. */
export const ADHERENCE_BANDS = [
  { key: 'all', from: 6, to: 7 },
  { key: 'most', from: 4, to: 5 },
  { key: 'some', from: 1, to: 3 },
  { key: 'none', from: 0, to: 0 },
] as const
export type AdherenceBand = (typeof ADHERENCE_BANDS)[number]['key']

export type Adherence = {
  /** `copd` of the plan's canonical. */
  pathway: string
  patients: number
  bands: Readonly<Record<AdherenceBand, number>>
}

/** Of whoever has been followed for all of these days: on how many of them they have measured something, by pathway. */
export function adherenceOf(
  carePlans: readonly CarePlan[],
  observations: readonly Observation[],
  now: Date,
): Adherence[] {
  const since = now.getTime() - ADHERENCE_DAYS * DAY_MILLIS
  const days = new Map<string, Set<number>>()
  for (const { subject, effectiveDateTime, effectivePeriod } of observations) {
    const at = Date.parse(effectiveDateTime ?? effectivePeriod?.start ?? '')
    if (!subject?.reference || Number.isNaN(at) || at < since || at > now.getTime()) continue
    const own = days.get(subject.reference) ?? new Set()
    days.set(subject.reference, own.add(Math.floor((at - since) / DAY_MILLIS)))
  }
  const followed = carePlans.filter(
    ({ status, period }) => status === 'active' && Date.parse(period?.start ?? '') <= since,
  )
  const byPathway = Map.groupBy(
    followed,
    ({ instantiatesCanonical }) => /\/([^/|]+)(?:\|.*)?$/.exec(instantiatesCanonical?.[0] ?? '')?.[1] ?? '',
  )
  return [...byPathway]
    .filter(([pathway]) => pathway !== '')
    .map(([pathway, plans]) => {
      const subjects = [...new Set(plans.flatMap(({ subject }) => subject.reference ?? []))]
      const counts = subjects.map((subject) => days.get(subject)?.size ?? 0)
      const inBand = ({ from, to }: { from: number; to: number }) =>
        counts.filter((count) => count >= from && count <= to).length
      const [all, most, some, none] = ADHERENCE_BANDS.map(inBand) as [number, number, number, number]
      return { pathway, patients: subjects.length, bands: { all, most, some, none } }
    })
    .sort((one, other) => other.patients - one.patients)
}

export type Shift = {
  team: string
  plan: string
  week: string
  /** `weekday 07:00–15:00` */
  kind: string
  mean: number
  p95?: number
  needed?: number
  rostered?: number
  /** What came, of a week that is over. */
  came?: number
}

const FORECAST = 'http://fylgje.no/fhir/NamingSystem/workload-forecast'

/** What the weekly forecasts expect of each kind of shift, the newest week first; what was found to be wrong is none. */
export function shiftsOf(reports: readonly MeasureReport[]): Shift[] {
  return reports
    .filter(({ status }) => status !== 'error')
    .flatMap(({ identifier, evaluatedResource, group = [] }) => {
      const [plan = '', team = '', week = ''] =
        identifier?.find(({ system }) => system === FORECAST)?.value?.split('|') ?? []
      if (!week) return []
      const planName = evaluatedResource?.[0]?.display ?? plan
      return group.flatMap(({ code, measureScore, stratifier = [] }): Shift[] => {
        const score = (name: string) =>
          stratifier.find((one) => one.code?.[0]?.coding?.[0]?.code === name)?.stratum?.[0]?.measureScore?.value
        if (!code?.text || measureScore?.value === undefined) return []
        const optional = {
          ...{ p95: score('expected-p95'), needed: score('people-needed') },
          ...{ rostered: score('people-rostered'), came: score('came-mean') },
        }
        return [
          {
            ...{ team, plan: planName, week, kind: code.text, mean: measureScore.value },
            ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
          },
        ]
      })
    })
    .sort((one, other) => other.week.localeCompare(one.week))
}

/** A number of people, or that there are too few to tell. */
export const shownCount = (count: number): number | undefined =>
  count > 0 && count < SHOWN_COUNT_MIN ? undefined : count

/**
 * The bands of one pathway as they may be told. Where one alone is hidden it could be worked out from the others: then the smallest of these
 * is hidden as well.
 */
export function shownBands({ patients, bands }: Adherence): Partial<Record<AdherenceBand, number>> {
  if (patients < SHOWN_COUNT_MIN) return {}
  const shown = ADHERENCE_BANDS.filter(({ key }) => shownCount(bands[key]) !== undefined)
  const isOneHidden = ADHERENCE_BANDS.length - shown.length === 1
  const smallest = shown.filter(({ key }) => bands[key] > 0).sort((one, other) => bands[one.key] - bands[other.key])[0]
  return Object.fromEntries(
    shown.filter(({ key }) => !isOneHidden || key !== smallest?.key).map(({ key }) => [key, bands[key]]),
  )
}
