import type { CarePlan, Goal, Observation, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { loadPathway } from '../../../plans/load-pathways.ts'
import type { Resource } from '../../fhir/resource.ts'
import { checkLimits } from '../limits/check-limits.ts'
import { toLimit } from '../limits/limits.ts'
import { quantile } from '../limits/quantile.ts'
import { compilePlan } from '../plan/compile-plan.ts'
import { LIMIT } from '../plan/vocabulary.ts'
import type { Timer } from '../timer.ts'
import { distributionOf } from './distribution.ts'
import { proposeLimits } from './propose-limits.ts'
import { LIMITS_REVIEW, type ReviewFacts, review, reviewScheduleOf, reviewTimers } from './review.ts'

const NOW = new Date('2026-11-20T10:00:00Z')
const DAY = 86_400_000
const days = (value: number) => ({ value, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' })
const copd = loadPathway('copd').plan.definition
const plan = compilePlan(
  {
    ...copd,
    extension: [
      {
        url: LIMITS_REVIEW,
        extension: [
          { url: 'trial', valueDuration: days(28) },
          { url: 'every', valueDuration: days(7) },
        ],
      },
    ],
  },
  () => undefined,
)

const spo2 = (value: number, daysAgo: number): Resource =>
  ({
    ...{ resourceType: 'Observation', id: `o${daysAgo}`, status: 'final', valueQuantity: { value, code: '%' } },
    code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
    effectiveDateTime: new Date(NOW.getTime() - daysAgo * DAY).toISOString(),
  }) satisfies Observation as unknown as Resource

/** One a day, the newest last. */
const course = (values: number[]) => values.map((value, i) => spo2(value, values.length - i))

const carePlan: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
  ...{ careTeam: [{ reference: 'CareTeam/t' }], period: { start: '2026-10-23T10:00:00Z' } },
}

const goalOf = (...targets: { zone: string; side?: string; value: number; end?: string }[]): Goal => ({
  ...{ resourceType: 'Goal', id: 'g', lifecycleStatus: 'active', subject: { reference: 'Patient/p' } },
  description: { text: 'Egne grenser' },
  target: targets.map(({ zone, side, value, end }) => ({
    extension: [
      {
        url: LIMIT,
        extension: [
          { url: 'zone', valueCode: zone },
          ...(side ? [{ url: 'side', valueCode: side }] : []),
          ...(end ? [{ url: 'period', valuePeriod: { end } }] : []),
        ],
      },
    ],
    measure: { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' },
    detailQuantity: { value, code: '%' },
  })),
})

function facts(history: Resource[], goals: Goal[] = [], openTasks: Task[] = []): ReviewFacts {
  let count = 0
  const named = { ...carePlan, goal: goals.map(({ id }) => ({ reference: `Goal/${id}` })) }
  return { plan, carePlan: named, goals, history, openTasks, now: NOW, newId: () => `t${++count}` }
}

const timer = (payload?: Timer['payload']): Timer => ({
  ...{ kind: 'limits-review', about: 'CarePlan/c', name: 'review', plan: plan.url, dueAt: NOW },
  ...(payload ? { payload } : {}),
})

const SINCE = new Date(NOW.getTime() - 28 * DAY)
const steady = course([95, 96, 95, 94, 95, 96, 95, 95, 94, 95, 96, 95, 95, 96])

test('the quantile lies between two values, in proportion', () => {
  expect([0, 0.05, 0.5, 1].map((share) => quantile([4, 1, 2, 3], share))).toEqual([1, 1.15, 2.5, 4])
})

test('the baseline that is proposed is the median of usual days; limits that fit are left as they are', () => {
  const { proposals } = proposeLimits(facts(steady), SINCE)
  expect(proposals).toMatchObject([
    {
      measure: 'SpO2',
      distribution: { count: 14, days: 14, median: 95, spread: 1, unusualDays: 0 },
      limits: [{ zone: 'baseline', value: 95, isHeld: false }],
      goal: { lifecycleStatus: 'proposed', subject: { reference: 'Patient/p' } },
    },
  ])
})

test('an exacerbation in the period moves nothing: its days are left out and counted', () => {
  const { proposals } = proposeLimits(
    facts(course([92, 93, 92, 91, 92, 84, 83, 85, 92, 91, 92, 93, 92, 92, 93])),
    SINCE,
  )
  expect(proposals).toMatchObject([{ distribution: { median: 92, unusualDays: 3, count: 12 } }])
})

test('a person whose usual values lie in the plan’s red gets limits of their own, yellow before red, held near the plan’s', () => {
  const { proposals } = proposeLimits(facts(course([86, 87, 86, 85, 86, 87, 86, 86, 85, 86, 87, 86, 86, 87])), SINCE)
  const [proposal] = proposals
  const of = (zone: string) => proposal?.limits.find((one) => one.zone === zone)
  expect(of('baseline')).toMatchObject({ value: 86 })
  expect(of('yellow')?.value).toBeGreaterThan(of('red')?.value ?? 100)
  expect(proposal?.hits.after).toBeLessThan(proposal?.hits.before ?? 0)
})

test('too few values, or of too few days, propose nothing, and are told', () => {
  expect(proposeLimits(facts(steady.slice(0, 9)), SINCE)).toMatchObject({
    proposals: [],
    tooFew: expect.arrayContaining([{ measure: 'SpO2', count: 9, days: 9 }]),
  })
  const oneDay = Array.from({ length: 12 }, () => spo2(92, 1))
  expect(proposeLimits(facts(oneDay), SINCE).tooFew[0]).toMatchObject({ count: 12, days: 1 })
})

test('of limits only those that are noise are proposed anew', () => {
  // Yellow below 92 and red below 88: one in seven of the usual values is yellow, none is red.
  const { proposals } = proposeLimits(facts(course([92, 93, 92, 91, 92, 93, 92, 92, 91, 92, 93, 92, 92, 93])), SINCE)
  expect(proposals[0]?.limits).toEqual([
    { zone: 'baseline', value: 92, isHeld: false },
    { zone: 'yellow', side: 'low', value: 90, before: 92, isHeld: false },
  ])
  expect(proposals[0]?.hits).toEqual({ days: 30, before: 2, after: 0 })
})

test('what counts already is not proposed again', () => {
  expect(proposeLimits(facts(steady, [goalOf({ zone: 'baseline', value: 95 })]), SINCE).proposals).toEqual([])
})

test('whatever was measured, what is proposed never contradicts itself, nor the plan', () => {
  const value = fc.integer({ min: 70, max: 100 })
  fc.assert(
    fc.property(fc.array(value, { minLength: 10, maxLength: 28 }), (values) => {
      const history = course(values)
      for (const { goal, limits, distribution } of proposeLimits(facts(history), SINCE).proposals) {
        const plausible = plan.limits.filter(({ zone }) => zone === 'plausible')
        expect(checkLimits(goal.target ?? [], plausible)).toEqual([])
        expect(distribution.low).toBeLessThanOrEqual(distribution.median)
        const baseline = limits.find(({ zone }) => zone === 'baseline')?.value ?? distribution.median
        expect(baseline).toBeGreaterThanOrEqual(Math.min(...values))
        expect(baseline).toBeLessThanOrEqual(Math.max(...values))
      }
    }),
  )
})

test('outliers bend the median and the spread by no more than their share', () => {
  const usual = fc.array(fc.integer({ min: 90, max: 94 }), { minLength: 20, maxLength: 40 })
  fc.assert(
    fc.property(usual, fc.array(fc.integer({ min: 50, max: 70 }), { maxLength: 5 }), (values, odd) => {
      const samples = [...values, ...odd].map((value, i) => ({ at: i * DAY, value }))
      const { median } = distributionOf(samples, 1)
      expect(median).toBeGreaterThanOrEqual(90)
      expect(median).toBeLessThanOrEqual(94)
    }),
  )
})

test('after the trial there is one Task with the proposal, its reasons in three languages; then the next look is set', () => {
  const { tasks, timers } = review(timer(), facts(steady))
  expect(tasks).toMatchObject([
    {
      act: 'create',
      task: {
        intent: 'proposal',
        status: 'requested',
        owner: { reference: 'CareTeam/t' },
        contained: [{ resourceType: 'Goal', lifecycleStatus: 'proposed' }],
        reasonCode: { text: expect.stringContaining('Foreslått grunnverdi 95 %') },
      },
    },
  ])
  const text = JSON.stringify(tasks[0]?.task.reasonCode)
  expect(text).toContain('14 målinger over 14 dager: midtverdien er 95 %')
  expect(text).toContain('the median is 95 %')
  expect(text).toContain('Prøvetida er over')
  expect(timers).toMatchObject([{ act: 'set', timer: { dueAt: new Date(NOW.getTime() + 7 * DAY) } }])
})

test('what was proposed and not taken is not proposed at each look', () => {
  const [set] = review(timer(), facts(steady)).timers
  const payload = set?.act === 'set' ? set.timer.payload : undefined
  expect(review(timer(payload), facts(steady)).tasks).toEqual([])
})

test('drift: what is usual has moved for two weeks; a bad week is none', () => {
  const baseline = goalOf({ zone: 'baseline', value: 92 })
  const reviewed = { reviewed: '2026-11-13T10:00:00Z' }
  const moved = course([...Array(30).fill(92), 89, 88, 89, 89, 90, 89, 88, 89, 89, 89, 90, 89, 88, 89])
  const [decided] = review(timer(reviewed), facts(moved, [baseline])).tasks
  expect(decided?.task.reasonCode?.text).toMatch(/^SpO2 har ligget rundt 89 % i det siste, mot 92 % før/)
  expect(JSON.stringify(decided?.task.contained)).toContain('"value":89')
  const badWeek = course([...Array(37).fill(92), 88, 88, 88, 88, 88, 88, 88])
  expect(review(timer(reviewed), facts(badWeek, [baseline])).tasks).toEqual([])
})

test('after an exacerbation limits are proposed anew, once it has been calm for two weeks', () => {
  const values = [...Array(10).fill(92), 83, 82, 84, ...Array(15).fill(91)]
  const seen = { reviewed: new Date(NOW.getTime() - 7 * DAY).toISOString() }
  const decided = review(timer(seen), facts(course(values))).tasks
  expect(decided[0]?.task.reasonCode?.text).toMatch(/^Etter en forverring\./)
  const later = { reviewed: new Date(NOW.getTime() - DAY / 4).toISOString() }
  expect(review(timer(later), facts(course(values))).tasks).toEqual([])
})

test('a limit that ends is told when it ends, and not before', () => {
  const goal = goalOf({ zone: 'red', side: 'low', value: 85, end: '2026-11-20T10:00:00Z' })
  const before = { ...facts([], [goal]), now: new Date('2026-11-19T10:00:00Z') }
  const expiry = reviewTimers(before).find((one) => one.act === 'set')
  expect(expiry).toMatchObject({ timer: { name: 'expiry', dueAt: NOW } })
  const { tasks, timers } = review(expiry?.act === 'set' ? expiry.timer : timer(), facts([], [goal]))
  expect(tasks[0]?.task).toMatchObject({
    intent: 'order',
    reasonCode: { text: 'Egen grense for SpO2 gjaldt til 2026-11-20 11:00; nå gjelder planens.' },
  })
  expect(timers).toMatchObject([{ act: 'drop' }])
  // Prolonged meanwhile, it has not ended.
  const longer = goalOf({ zone: 'red', side: 'low', value: 85, end: '2026-12-20T10:00:00Z' })
  expect(review(expiry?.act === 'set' ? expiry.timer : timer(), facts([], [longer])).tasks).toEqual([])
})

test('a plan that says nothing of it is not reviewed', () => {
  expect(reviewScheduleOf({ extension: [] })).toBeUndefined()
  const silent = { ...facts(steady), plan: compilePlan({ ...copd, extension: [] }, () => undefined) }
  expect(review(timer(), silent)).toEqual({ tasks: [], timers: [], trace: [] })
  expect(reviewTimers(silent).filter(({ act }) => act === 'start')).toEqual([])
})

test('limits are read as the plan has them', () => {
  const [target] = goalOf({ zone: 'baseline', value: 92 }).target ?? []
  expect(target && toLimit(target, 'patient')).toMatchObject([{ zone: 'baseline', value: 92, measure: 'SpO2' }])
})
