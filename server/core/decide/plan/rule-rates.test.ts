import type { CarePlan, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { countOccasion } from '../task/repetition.ts'
import { sameInAll } from '../words/told.ts'
import { patientDaysOf, ratesOf } from './rule-rates.ts'
import { FINDING } from './vocabulary.ts'

const URL = 'http://example.org/plan'
const START = '2026-11-01T00:00:00Z'
const END = '2026-11-11T00:00:00Z'
const at = (minutes: number) => new Date(Date.parse(START) + minutes * 60_000).toISOString()
const made = (rules: string[], rest: Partial<Task> = {}): Task => ({
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  identifier: rules.map((rule) => ({ system: FINDING, value: `${URL}|${rule}|Patient/1|e` })),
  authoredOn: START,
  ...rest,
})
const done = (minutes: number): Partial<Task> => ({ status: 'completed', executionPeriod: { end: at(minutes) } })

test('each rule: Tasks, findings, what came of them, and how long it took', () => {
  const again = countOccasion(
    countOccasion(made(['yellow']), { at: new Date(START), display: sameInAll('x') }),
    { at: new Date(START), display: sameInAll('y') },
    { isSuppressed: true },
  )
  const tasks = [
    again,
    made(['yellow'], done(10)),
    made(['yellow'], done(30)),
    made(['yellow'], { status: 'cancelled' }),
    made(['red'], done(4)),
  ]
  expect(ratesOf(tasks, URL, 200)).toEqual([
    {
      actionId: 'yellow',
      taskCount: 4,
      occasionCount: 5,
      suppressedCount: 1,
      closedCount: 3,
      actedOnCount: 2,
      minutesToDecisionMedian: 20,
      tasksPer100PatientDays: 2,
    },
    expect.objectContaining({ actionId: 'red', minutesToDecisionMedian: 4, tasksPer100PatientDays: 0.5 }),
  ])
})

test('a summary counts for each of its rules; Tasks of other plans, and of none, count for nobody', () => {
  const other = { ...made([]), identifier: [{ system: FINDING, value: `${URL}-2|yellow|Patient/1|e` }] }
  const rates = ratesOf([made(['yellow', 'grey']), other, made([])], URL, 0)
  expect(
    rates.map(({ actionId, taskCount, tasksPer100PatientDays }) => [actionId, taskCount, tasksPer100PatientDays]),
  ).toEqual([
    ['grey', 1, undefined],
    ['yellow', 1, undefined],
  ])
})

const carePlan = (start: string | undefined, end?: string, status: CarePlan['status'] = 'active'): CarePlan => ({
  resourceType: 'CarePlan',
  ...{ status, intent: 'plan', subject: {}, period: { ...(start ? { start } : {}), ...(end ? { end } : {}) } },
})

test.each<[string, CarePlan, number]>([
  ['all the time', carePlan('2020-01-01'), 10],
  ['from within', carePlan('2026-11-06T00:00:00Z'), 5],
  ['until within', carePlan('2020-01-01', '2026-11-02T12:00:00Z', 'completed'), 1.5],
  ['before', carePlan('2020-01-01', '2020-02-01'), 0],
  ['after', carePlan('2027-01-01'), 0],
  ['a draft', carePlan('2020-01-01', undefined, 'draft'), 0],
  ['without a start', carePlan(undefined), 0],
])('followed %s', (_name, given, days) => expect(patientDaysOf([given], { start: START, end: END })).toBe(days))

test('nothing is counted twice, and no share is beyond the whole', () => {
  const status = fc.constantFrom('requested', 'completed', 'cancelled', 'in-progress', 'failed') as fc.Arbitrary<
    Task['status']
  >
  const tasks = fc.array(
    fc.record({ rule: fc.constantFrom('a', 'b', 'c'), status, minutes: fc.integer({ min: 0, max: 999 }) }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(tasks, (given) => {
      const all = given.map((one) =>
        made([one.rule], { status: one.status, executionPeriod: { end: at(one.minutes) } }),
      )
      const rates = ratesOf(all, URL, 100)
      expect(rates.reduce((sum, { taskCount }) => sum + taskCount, 0)).toBe(all.length)
      for (const rate of rates) {
        expect(rate.actedOnCount).toBeLessThanOrEqual(rate.closedCount)
        expect(rate.closedCount).toBeLessThanOrEqual(rate.taskCount)
        expect(rate.minutesToDecisionMedian ?? 0).toBeLessThanOrEqual(999)
      }
    }),
  )
})
