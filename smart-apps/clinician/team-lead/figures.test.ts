import type { CarePlan, MeasureReport, Observation, PlanDefinition, Task } from '@medplum/fhirtypes'
import { TASK_CODE } from '../../../server/core/decide/plan/vocabulary.ts'
import {
  adherenceOf,
  followedBy,
  loadOf,
  ofTeam,
  responsesOf,
  ruleFiguresOf,
  shiftsOf,
  shownBands,
  shownCount,
} from './figures.ts'

const NOW = new Date('2026-11-23T12:00:00Z')
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString()
const DAY = 1440
const task = (given: Partial<Task>): Task => ({
  ...{ resourceType: 'Task', status: 'requested', intent: 'order', priority: 'urgent' },
  code: { coding: [{ system: TASK_CODE, code: 'assess-measurement' }] },
  owner: { reference: 'CareTeam/a', display: 'A' },
  authoredOn: ago(60),
  ...given,
})

test('load is what staff have to do, by team and by whoever has taken some; overdue is what has passed its deadline', () => {
  const { all, by } = loadOf(
    [
      task({ priority: 'stat', restriction: { period: { end: ago(5) } } }),
      task({ status: 'on-hold', restriction: { period: { end: ago(-5) } } }),
      task({
        status: 'accepted',
        owner: { reference: 'Practitioner/k', display: 'Kari' },
        extension: [
          { url: 'http://fylgje.no/fhir/StructureDefinition/queue', valueReference: { reference: 'CareTeam/a' } },
        ],
      }),
      task({ status: 'completed' }),
      task({ owner: { reference: 'Patient/p' } }),
      { ...task({}), code: { text: 'Av et annet system' } },
    ],
    NOW,
  )
  expect(all).toMatchObject({ total: 3, red: 1, yellow: 2, overdue: 1, snoozed: 1, free: 2 })
  expect(by).toMatchObject([
    { owner: 'CareTeam/a', name: 'A', isPerson: false, total: 3 },
    { owner: 'Practitioner/k', name: 'Kari', isPerson: true, total: 1, free: 0 },
  ])
})

test('of a team is what waits in its queue, what somebody has taken from there, and whom it follows', () => {
  const taken = task({
    ...{ status: 'accepted', owner: { reference: 'Practitioner/k' } },
    extension: [
      { url: 'http://fylgje.no/fhir/StructureDefinition/queue', valueReference: { reference: 'CareTeam/a' } },
    ],
  })
  const [own, other] = [task({}), task({ owner: { reference: 'CareTeam/b' } })]
  expect(ofTeam([own, other, taken], 'CareTeam/a')).toEqual([own, taken])
  expect(ofTeam([own, other, taken], undefined)).toHaveLength(3)
  const plan = (team: string) => ({ careTeam: [{ reference: team }] }) as CarePlan
  expect(followedBy([plan('CareTeam/a'), plan('CareTeam/b'), {} as CarePlan], 'CareTeam/a')).toHaveLength(1)
  expect(followedBy([{} as CarePlan], undefined)).toHaveLength(1)
})

const done = (minutes: number, deadline: number | undefined) =>
  task({
    ...{ status: 'completed', priority: 'stat', authoredOn: ago(600), executionPeriod: { end: ago(600 - minutes) } },
    ...(deadline !== undefined && { restriction: { period: { end: ago(600 - deadline) } } }),
  })

test('response is told against the deadline, from five on', () => {
  const since = new Date(ago(30 * DAY))
  const five = [10, 20, 30, 40, 200].map((minutes) => done(minutes, 60))
  expect(responsesOf(five, since)[0]).toEqual({ zone: 'red', count: 5, inTimePercent: 80, medianMinutes: 30 })
  expect(responsesOf(five.slice(1), since)[0]).toEqual({ zone: 'red', count: 4 })
  expect(responsesOf([...five.slice(1), done(20, undefined)], since)[0]).toEqual({
    ...{ zone: 'red', count: 5, medianMinutes: 30 },
  })
  expect(responsesOf([...five, task({ status: 'cancelled', priority: 'stat' })], since)[0]?.count).toBe(5)
  expect(responsesOf(five, new Date(ago(60)))[0]?.count).toBe(0)
})

const rule = (id: string, tasks: number, closed: number) => ({
  code: { coding: [{ code: id }], text: id },
  population: Object.entries({ tasks, findings: tasks + 1, closed, 'acted-on': closed - 1 }).map(([code, count]) => ({
    ...{ code: { coding: [{ code }] }, count },
  })),
  measureScore: { value: tasks / 10 },
  stratifier: [
    { code: [{ coding: [{ code: 'share-acted-on' }] }], stratum: [{ measureScore: { value: 75 } }] },
    { code: [{ coding: [{ code: 'minutes-to-decision-median' }] }], stratum: [{ measureScore: { value: 12 } }] },
  ],
})

test('the loudest rule stands first; what came of it is told when five were closed', () => {
  const report = { group: [rule('quiet', 2, 1), rule('loud', 9, 8)] } as MeasureReport
  expect(ruleFiguresOf(report)).toEqual([
    {
      ...{ id: 'loud', title: 'loud', tasks: 9, findings: 10, closed: 8, actedOn: 7 },
      ...{ per100: 0.9, actedOnPercent: 75, medianMinutes: 12 },
    },
    { id: 'quiet', title: 'quiet', tasks: 2, findings: 3, closed: 1, actedOn: 0, per100: 0.2 },
  ])
})

test('what a plan asks of everybody from the beginning is no alarm', () => {
  const plan = {
    action: [{ id: 'asked' }, { id: 'group', trigger: [{ type: 'data-added' }], action: [{ id: 'loud' }] }],
  } as PlanDefinition
  const report = { group: [rule('asked', 9, 8), rule('loud', 9, 8), rule('*limits', 5, 5)] } as MeasureReport
  expect(ruleFiguresOf(report, plan).map(({ id }) => id)).toEqual(['loud', '*limits'])
})

const followed = (patient: string, startedDaysAgo = 30, status = 'active') =>
  ({
    ...{ status, subject: { reference: `Patient/${patient}` }, period: { start: ago(startedDaysAgo * DAY) } },
    instantiatesCanonical: ['http://x/PlanDefinition/copd|1.0.0'],
  }) as CarePlan
const measured = (patient: string, daysAgo: number) =>
  ({ subject: { reference: `Patient/${patient}` }, effectiveDateTime: ago(daysAgo * DAY) }) as Observation

test('adherence counts days with something, of whoever was followed for all of them', () => {
  const observations = [
    ...[0.1, 1.1, 2.1, 3.1, 4.1, 5.1, 6.1].map((days) => measured('a', days)),
    ...[0.2, 0.3, 9].map((days) => measured('b', days)),
    measured('new', 0.1),
    measured('paused', 0.1),
  ]
  const plans = [followed('a'), followed('b'), followed('c'), followed('new', 3), followed('paused', 30, 'on-hold')]
  expect(adherenceOf(plans, observations, NOW)).toEqual([
    { pathway: 'copd', patients: 3, bands: { all: 1, most: 0, some: 1, none: 1 } },
  ])
})

test('a forecast is told shift by shift; one that failed is none', () => {
  const report = (status: MeasureReport['status'], week: string) =>
    ({
      status,
      identifier: [
        { system: 'http://fylgje.no/fhir/NamingSystem/workload-forecast', value: `http://x|CareTeam/a|${week}` },
      ],
      evaluatedResource: [{ reference: 'PlanDefinition/copd', display: 'KOLS' }],
      group: [
        {
          ...{ code: { text: 'weekday 07:00–15:00' }, measureScore: { value: 4.2 } },
          stratifier: [{ code: [{ coding: [{ code: 'people-needed' }] }], stratum: [{ measureScore: { value: 2 } }] }],
        },
      ],
    }) as MeasureReport
  expect(
    shiftsOf([report('error', '2026-12-07'), report('complete', '2026-11-16'), report('pending', '2026-11-23')]),
  ).toEqual([
    { team: 'CareTeam/a', plan: 'KOLS', week: '2026-11-23', kind: 'weekday 07:00–15:00', mean: 4.2, needed: 2 },
    { team: 'CareTeam/a', plan: 'KOLS', week: '2026-11-16', kind: 'weekday 07:00–15:00', mean: 4.2, needed: 2 },
  ])
})

test.each([
  [0, 0],
  [1, undefined],
  [4, undefined],
  [5, 5],
])('%i people are told as %s', (count, shown) => {
  expect(shownCount(count)).toBe(shown)
})

test.each([
  ['enough in each', { all: 40, most: 9, some: 6, none: 5 }, { all: 40, most: 9, some: 6, none: 5 }],
  ['one too few: another is hidden with it', { all: 40, most: 9, some: 6, none: 2 }, { all: 40, most: 9 }],
  ['two too few', { all: 40, most: 9, some: 1, none: 2 }, { all: 40, most: 9 }],
  ['nobody is no person', { all: 40, most: 9, some: 0, none: 5 }, { all: 40, most: 9, some: 0, none: 5 }],
  ['too few in all', { all: 4, most: 0, some: 0, none: 0 }, {}],
])('bands of %s', (_, bands, expected) => {
  const patients = Object.values(bands).reduce((sum, count) => sum + count, 0)
  expect(shownBands({ pathway: 'copd', patients, bands })).toEqual(expected)
})
