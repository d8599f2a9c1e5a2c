import type { Slot } from '@medplum/fhirtypes'
import { NOBODY, type Staff } from '../task/staff.ts'
import { loadOf, peopleAt, shiftsOf, timesOfKind } from './shifts.ts'

const TEAM = 'CareTeam/a'
// Four weeks from a Monday's midnight by Norwegian clocks.
const PERIOD = { start: new Date('2026-10-25T23:00:00Z'), end: new Date('2026-11-22T23:00:00Z') }
const at = (date: string, hour: number) => new Date(`2026-${date}T${String(hour).padStart(2, '0')}:00:00+01:00`)
const morning = (date: string): Slot => ({
  ...{ resourceType: 'Slot', schedule: { reference: 'Schedule/1' }, status: 'busy' },
  ...{ start: at(date, 7).toISOString(), end: at(date, 15).toISOString() },
})
const rostered = (...dates: string[]): Staff => ({
  ...NOBODY,
  careTeams: [{ resourceType: 'CareTeam', id: 'a', participant: [{ member: { reference: 'Practitioner/1' } }] }],
  roles: [{ resourceType: 'PractitionerRole', id: '1', practitioner: { reference: 'Practitioner/1' } }],
  schedules: [{ resourceType: 'Schedule', id: '1', actor: [{ reference: 'Practitioner/1' }] }],
  slots: dates.map(morning),
})

test('what came before anybody entered a roster is not the first shift’s of it', () => {
  const shifts = shiftsOf(TEAM, rostered('11-16', '11-17', '11-18'), PERIOD)
  const arrivals = ['10-27', '11-03', '11-10', '11-16'].map((date) => ({
    at: at(date, 8),
    side: 'simulated' as const,
    colour: 'yellow' as const,
  }))
  const loads = loadOf(shifts, arrivals)
  // Fifteen weekdays of which nobody knows who was there, and three of which they do.
  expect(loads.find(({ kind }) => kind === 'weekday 07:00–15:00')).toMatchObject({
    ...{ count: 18, people: 1, simulated: { max: 1 } },
  })
})

test('a weekend on which nobody works is closed: what comes then waits for Monday', () => {
  const weekdays = [16, 17, 18, 19, 20].map((day) => `11-${day}`)
  const week = { start: new Date('2026-11-15T23:00:00Z'), end: PERIOD.end }
  expect(shiftsOf(TEAM, rostered(...weekdays), week)).toHaveLength(5)
})

test('the times of a kind of shift are its days, whoever has them; a holiday is a Sunday', () => {
  const christmas = { start: new Date('2026-12-20T23:00:00Z'), end: new Date('2026-12-27T23:00:00Z') }
  const days = (kind: string) =>
    timesOfKind(kind, christmas).map(({ from, to }) => [from.toISOString(), to.toISOString()])
  expect(days('weekday 07:00–15:00').map(([from]) => from?.slice(0, 10))).toEqual([
    ...['2026-12-21', '2026-12-22', '2026-12-23', '2026-12-24'],
  ])
  expect(days('sunday 23:00–07:00')).toEqual([
    ['2026-12-25T22:00:00.000Z', '2026-12-26T06:00:00.000Z'],
    ['2026-12-26T22:00:00.000Z', '2026-12-27T06:00:00.000Z'],
    ['2026-12-27T22:00:00.000Z', '2026-12-28T06:00:00.000Z'],
  ])
  expect(days('what nobody calls so')).toEqual([])
})

test('who is there at a moment has a shift then', () => {
  const staff = rostered('11-16')
  expect([at('11-16', 8), at('11-16', 16)].map((moment) => peopleAt(TEAM, staff, moment))).toEqual([1, 0])
  expect(peopleAt('CareTeam/other', staff, at('11-16', 8))).toBeUndefined()
})
