import type {
  CodeableConcept,
  Extension,
  HealthcareService,
  PractitionerRole,
  Schedule,
  Slot,
  Task,
} from '@medplum/fhirtypes'
import fc from 'fast-check'
import { CARE_TEAM, ROUTING, SERVICE_LEVEL } from '../plan/vocabulary.ts'
import { queueOf } from './claim.ts'
import { placeTask } from './place-task.ts'
import { routeTask, routingOf, skillsOf } from './route-task.ts'
import { isOnShift, NOBODY, rolesIn, type Staff } from './staff.ts'
import { marksOf } from './task-marks.ts'

// A Tuesday at 10:00 in Oslo.
const NOW = new Date('2026-11-10T09:00:00Z')
const EVENING = new Date('2026-11-10T19:00:00Z')
const concept = (code: string): CodeableConcept => ({ coding: [{ system: 'http://example.org/skill', code }] })
const [nurse, doctor, copd] = [concept('nurse'), concept('doctor'), concept('copd')]

const response: HealthcareService = {
  resourceType: 'HealthcareService',
  id: 'response',
  extension: [{ url: CARE_TEAM, valueReference: { reference: 'CareTeam/response' } }],
  availableTime: [{ availableStartTime: '08:00:00', availableEndTime: '15:30:00' }],
}
const role = (id: string, rest: Partial<PractitionerRole> = {}): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  id,
  practitioner: { reference: `Practitioner/${id}` },
  healthcareService: [{ reference: 'HealthcareService/response' }],
  code: [nurse],
  ...rest,
})
const schedule = (id: string, actor: string): Schedule => ({
  resourceType: 'Schedule',
  id,
  actor: [{ reference: actor }],
})
const slot = (of: string, start: string, end: string, status: Slot['status'] = 'busy'): Slot => ({
  resourceType: 'Slot',
  schedule: { reference: `Schedule/${of}` },
  ...{ status, start, end },
})
const staff: Staff = { ...NOBODY, services: [response], roles: [role('kari'), role('jonas', { specialty: [copd] })] }
const task: Task = {
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  owner: { reference: 'CareTeam/response' },
  performerType: [nurse],
}
const routing = (...parts: Extension[]) => routingOf({ extension: [{ url: ROUTING, extension: parts }] }, undefined)
const PERSON: Extension = { url: 'assign', valueCode: 'person' }
const needs = (skill: CodeableConcept): Extension => ({ url: 'skill', valueCodeableConcept: skill })
const ownerOf = (asked: ReturnType<typeof routing>, given: Staff = staff, now = NOW, of: Task = task) =>
  routeTask(of, asked, given, now).task.owner?.reference

test('without a routing the team of the CarePlan has it', () => expect(ownerOf(routing())).toBe('CareTeam/response'))

test('a queue of its own, and another while that is closed', () => {
  const asked = routing(
    { url: 'queue', valueReference: { reference: 'HealthcareService/response' } },
    { url: 'when-closed', valueReference: { reference: 'HealthcareService/legevakt' } },
  )
  expect(ownerOf(asked)).toBe('HealthcareService/response')
  expect(ownerOf(asked, staff, EVENING)).toBe('HealthcareService/legevakt')
})

test.each<[string, Extension[], Partial<Staff>, string]>([
  ['the first by id among equals', [], {}, 'Practitioner/jonas'],
  ['the one with fewer open Tasks', [], { load: new Map([['Practitioner/jonas', 2]]) }, 'Practitioner/kari'],
  [
    'the one with the skill, however busy',
    [needs(copd)],
    { load: new Map([['Practitioner/jonas', 9]]) },
    'Practitioner/jonas',
  ],
  ['the queue, where nobody has the skill', [needs(doctor)], {}, 'CareTeam/response'],
  ['nobody whose role has ended', [], { roles: [role('old', { period: { end: '2026-11-09' } })] }, 'CareTeam/response'],
  [
    'somebody on the last day of the role',
    [],
    { roles: [role('old', { period: { end: '2026-11-10' } })] },
    'Practitioner/old',
  ],
  ['nobody who is not active', [], { roles: [role('away', { active: false })] }, 'CareTeam/response'],
  ['nobody of another role', [], { roles: [role('amina', { code: [doctor] })] }, 'CareTeam/response'],
  ['nobody of another unit', [], { roles: [role('gp', { healthcareService: [] })] }, 'CareTeam/response'],
])('a person is chosen: %s', (_name, parts, change, expected) => {
  expect(ownerOf(routing(PERSON, ...parts), { ...staff, ...change })).toBe(expected)
})

test('members of the CareTeam work its queue, by practitioner or by role', () => {
  const roles = [
    role('a', { healthcareService: [] }),
    role('b', { healthcareService: [] }),
    role('c', { healthcareService: [] }),
  ]
  const careTeams = [
    {
      resourceType: 'CareTeam' as const,
      id: 'ward',
      participant: [
        { member: { reference: 'Practitioner/a' }, period: { end: '2026-11-10' } },
        { member: { reference: 'PractitionerRole/b' } },
      ],
    },
  ]
  const atWork = (now: Date) => rolesIn('CareTeam/ward', { ...staff, roles, careTeams }, now).map(({ id }) => id)
  expect(atWork(NOW)).toEqual(['a', 'b'])
  // Who has left the team is in it until their last day is over.
  expect(atWork(new Date('2026-11-10T23:00:00Z'))).toEqual(['b'])
})

test.each<[string, Partial<Staff>, boolean]>([
  ['no hours and no Schedule: with the team', {}, true],
  [
    'in a Slot',
    {
      schedules: [schedule('s', 'PractitionerRole/kari')],
      slots: [slot('s', '2026-11-10T08:00:00+01:00', '2026-11-10T15:00:00+01:00')],
    },
    true,
  ],
  [
    'a Schedule of the practitioner',
    {
      schedules: [schedule('s', 'Practitioner/kari')],
      slots: [slot('s', '2026-11-10T08:00:00+01:00', '2026-11-10T15:00:00+01:00', 'free')],
    },
    true,
  ],
  [
    'after the Slot',
    {
      schedules: [schedule('s', 'PractitionerRole/kari')],
      slots: [slot('s', '2026-11-10T08:00:00+01:00', '2026-11-10T10:00:00+01:00')],
    },
    false,
  ],
  [
    'away in the Slot',
    {
      schedules: [schedule('s', 'PractitionerRole/kari')],
      slots: [slot('s', '2026-11-10T08:00:00+01:00', '2026-11-10T15:00:00+01:00', 'busy-unavailable')],
    },
    false,
  ],
  ['a Schedule without Slots', { schedules: [schedule('s', 'PractitionerRole/kari')] }, false],
  ['another person’s Schedule', { schedules: [schedule('s', 'PractitionerRole/jonas')] }, true],
])('on shift: %s', (_name, change, expected) => {
  expect(isOnShift(role('kari'), { ...staff, ...change }, NOW)).toBe(expected)
})

test('without a Schedule the hours of the role say who is on shift', () => {
  const night = role('kari', { availableTime: [{ availableStartTime: '15:00:00', availableEndTime: '22:00:00' }] })
  expect([isOnShift(night, staff, NOW), isOnShift(night, staff, EVENING)]).toEqual([false, true])
})

test('the skills stand on the Task, so that whoever takes the next can be asked for them', () => {
  expect(skillsOf(routeTask(task, routing(needs(copd)), staff, NOW).task)).toEqual([copd])
})

test('the deadline follows the hours of the queue that got it', () => {
  const minutes = (value: number) => ({ value, unit: 'min', code: 'min' })
  const level = [
    { url: 'deadline', valueDuration: minutes(60) },
    { url: 'calendar', valueCode: 'opening-hours' },
  ]
  const rule = { action: { extension: [{ url: SERVICE_LEVEL, extension: level }] }, colour: 'yellow' as const }
  const placed = placeTask(task, { rule, staff, now: EVENING })
  expect(marksOf(placed).find(({ kind }) => kind === 'deadline')?.at).toEqual(new Date('2026-11-11T08:00:00Z'))
})

test('whoever is chosen fits, is on shift, and nobody who fits has less to do', () => {
  const people = fc.array(
    fc.record({
      skilled: fc.boolean(),
      active: fc.boolean(),
      load: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(people, fc.boolean(), (given, asksForSkill) => {
      const roles = given.map(({ skilled, active }, i) => role(`p${i}`, { active, specialty: skilled ? [copd] : [] }))
      const load = new Map(given.map((one, i) => [`Practitioner/p${i}`, one.load]))
      const asked = routing(PERSON, ...(asksForSkill ? [needs(copd)] : []))
      const owner = ownerOf(asked, { ...staff, roles, load })
      const fitting = given.flatMap((one, i) =>
        one.active && (!asksForSkill || one.skilled) ? [{ name: `Practitioner/p${i}`, load: one.load }] : [],
      )
      if (fitting.length === 0) expect(owner).toBe('CareTeam/response')
      else {
        const least = Math.min(...fitting.map((one) => one.load))
        expect(fitting.filter((one) => one.load === least).map(({ name }) => name)).toContain(owner)
      }
    }),
  )
})

test('a Task that somebody is given from the start says of which queue it is; one that lies in a queue need not', () => {
  expect(queueOf(routeTask(task, routing(PERSON), staff, NOW).task)).toEqual(task.owner)
  expect(queueOf(routeTask(task, routing(), staff, NOW).task)).toBeUndefined()
  // Nobody of them is at work.
  expect(queueOf(routeTask(task, routing(PERSON), { ...staff, roles: [] }, NOW).task)).toBeUndefined()
})
