import type { MeasureReport, PractitionerRole } from '@medplum/fhirtypes'
import { NOBODY, type Staff } from '../../core/decide/task/staff.ts'
import { retoldUnderstaffed, type ShortShift, shortShifts, understaffedTask, type Workload } from './understaffed.ts'

const TEAM = 'CareTeam/a'
// Monday to Monday by Norwegian clocks.
const WEEK = { start: new Date('2026-11-08T23:00:00Z'), end: new Date('2026-11-15T23:00:00Z') }

const expecting = (minutesPerTask: number, ...kinds: [kind: string, mean: number, p95: number][]): Workload => ({
  minutesPerTask,
  forecast: {
    ...{ resourceType: 'MeasureReport', id: 'f', status: 'pending', type: 'summary', measure: 'http://x/m' },
    period: { start: WEEK.start.toISOString(), end: WEEK.end.toISOString() },
    group: kinds.map(([text, mean, p95]) => ({
      ...{ code: { text }, measureScore: { value: mean } },
      stratifier: [{ code: [{ coding: [{ code: 'expected-p95' }] }], stratum: [{ measureScore: { value: p95 } }] }],
    })),
  } as MeasureReport,
})
const role = (id: string, rest: Partial<PractitionerRole> = {}): PractitionerRole => ({
  ...{ resourceType: 'PractitionerRole', id, practitioner: { reference: `Practitioner/${id}` } },
  ...rest,
})
/** Each works whenever their role says; unsaid, always. */
const working = (...roles: PractitionerRole[]): Staff => ({
  ...NOBODY,
  roles,
  careTeams: [
    {
      ...{ resourceType: 'CareTeam', id: 'a' },
      participant: roles.map(({ id }) => ({ member: { reference: `Practitioner/${id}` } })),
    },
  ],
})
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri'] as const
const shortOf = (workloads: Workload[], staff: Staff) =>
  shortShifts(workloads, TEAM, staff, WEEK).map(({ from, needed, rostered }) => [from.toISOString(), needed, rostered])

test('a shift is short when its people have no time for what comes in nineteen of twenty', () => {
  // Ten Tasks of fifty minutes in eight hours: two people do not reach it, nor one.
  const saturday = expecting(50, ['saturday 07:00–15:00', 6, 10])
  expect(shortOf([saturday], working(role('1')))).toEqual([['2026-11-14T06:00:00.000Z', 2, 1]])
  expect(shortOf([saturday], working(role('1'), role('2')))).toEqual([])
  // One person in two roles is one person.
  const twice = working(role('1'), role('1b', { practitioner: { reference: 'Practitioner/1' } }))
  expect(shortOf([saturday], twice)).toEqual([['2026-11-14T06:00:00.000Z', 2, 1]])
})

test('what several plans bring is added up; their peaks are not', () => {
  const one = expecting(48, ['sunday 23:00–07:00', 3, 6])
  // 144 and 144 minutes on average, 144 more at most each: 492 of 480 minutes, where the peaks added would be 576.
  expect(shortOf([one], working(role('1')))).toEqual([])
  expect(shortOf([one, one], working(role('1')))).toEqual([['2026-11-15T22:00:00.000Z', 2, 1]])
})

test('a kind of shift is each of its days, by the people who are there then', () => {
  const weekday = expecting(480, ['weekday 15:00–23:00', 1, 1])
  const early = role('1', {
    availableTime: [{ daysOfWeek: [...DAYS], availableStartTime: '07:00:00', availableEndTime: '15:00:00' }],
  })
  const evenings = role('2', { availableTime: [{ daysOfWeek: ['mon', 'tue', 'thu'], allDay: true }] })
  expect(shortOf([weekday], working(early, evenings))).toEqual([
    ['2026-11-11T14:00:00.000Z', 1, 0],
    ['2026-11-13T14:00:00.000Z', 1, 0],
  ])
})

test('who has left the team is not counted; of a team of which nobody is known nothing is said', () => {
  const saturday = expecting(60, ['saturday 07:00–15:00', 4, 8])
  const staff = working(role('1'))
  const left = staff.careTeams.map((team) => ({
    ...team,
    participant: [{ member: { reference: 'Practitioner/1' }, period: { end: '2026-11-13' } }],
  }))
  expect(shortOf([saturday], { ...staff, careTeams: left })).toEqual([['2026-11-14T06:00:00.000Z', 1, 0]])
  expect(shortOf([saturday], NOBODY)).toEqual([])
})

test('the Task tells each shift in each language, and the same shifts are told once', () => {
  const now = new Date('2026-11-08T23:10:00Z')
  const [from, to] = [new Date('2026-11-14T06:00:00Z'), new Date('2026-11-14T14:00:00Z')]
  const shift: ShortShift = { from, to, needed: 3, rostered: 1 }
  const found = { team: TEAM, shifts: [shift], forecast: expecting(60).forecast }
  const task = understaffedTask(found, now)
  expect(task).toMatchObject({
    ...{ owner: { reference: TEAM }, focus: { reference: 'MeasureReport/f' }, priority: 'urgent' },
    reasonCode: { text: 'Én vakt har færre på jobb enn prognosen tilsier' },
    input: [{ type: { text: '1 på vakt, 3 trengs' }, valuePeriod: { start: '2026-11-14T07:00:00+01:00' } }],
  })
  expect(JSON.stringify(task)).toContain('Éi vakt har færre på jobb enn prognosen tilseier')
  expect(JSON.stringify(task)).toContain('One shift has fewer people than the forecast needs')
  const stored = JSON.parse(JSON.stringify(task))
  expect(retoldUnderstaffed(stored, found, now)).toBe(stored)
  const worse = { ...found, shifts: [{ ...shift, rostered: 0 }] }
  expect(retoldUnderstaffed(stored, worse, now).input?.[0]?.type.text).toBe('0 på vakt, 3 trengs')
})
