import type { CarePlan, Goal, GoalTarget, Observation } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { LIMIT } from '../plan/vocabulary.ts'
import { assess, limitsOfCarePlan, toLimit, withPrecedence } from './limits.ts'

const loinc = (...codes: string[]) => ({
  coding: codes.map((code) => ({ system: 'http://loinc.org', code })),
  text: 'SpO2',
})
const percent = (value: number) => ({ value, unit: '%', code: '%' })

function target(parts: Record<string, string>, detail: Partial<GoalTarget>, codes = ['59408-5', '2708-6']): GoalTarget {
  const extension = Object.entries(parts).map(([url, valueCode]) => ({ url, valueCode }))
  return { extension: [{ url: LIMIT, extension }], measure: loinc(...codes), ...detail }
}
const below = (zone: string, value: number, codes?: string[]) =>
  target({ zone, side: 'low' }, { detailQuantity: { ...percent(value), comparator: '<' } }, codes)

const observation = (value: number, code = '59408-5'): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: loinc(code),
  valueQuantity: percent(value),
})

const hits = (targets: GoalTarget[], value: number) =>
  assess(
    observation(value),
    targets.flatMap((one) => toLimit(one, 'plan')),
  )
    .limits.filter(({ hit }) => hit)
    .map(({ zone }) => zone)

test.each([
  ['<', 88, 87.9, true],
  ['<', 88, 88, false],
  ['<=', 88, 88, true],
  ['>=', 110, 110, true],
  ['>', 110, 110, false],
  ['>', 110, 110.1, true],
] as const)('%s %d is hit by %d: %s', (comparator, limit, value, hit) => {
  const one = target({ zone: 'red', side: 'low' }, { detailQuantity: { ...percent(limit), comparator } })
  expect(hits([one], value)).toEqual(hit ? ['red'] : [])
})

test.each([
  ['low', { high: percent(87) }, 87, true],
  ['low', { high: percent(87) }, 87.5, false],
  ['high', { low: percent(110) }, 110, true],
  ['high', { low: percent(110) }, 109, false],
] as const)('a range is the zone itself, its end included: %s %j at %d: %s', (side, detailRange, value, hit) => {
  expect(hits([target({ zone: 'red', side }, { detailRange })], value)).toEqual(hit ? ['red'] : [])
})

test('decimals are compared as they are written: 93.2 is exactly 3 below 96.2', () => {
  const fall = target(
    { zone: 'yellow', side: 'low', relativeTo: 'baseline' },
    { detailQuantity: { ...percent(-3), comparator: '<' } },
  )
  const usual = target({ zone: 'baseline' }, { detailQuantity: percent(96.2) })
  expect(hits([fall, usual], 93.2)).toEqual([])
  expect(hits([fall, usual], 93.1)).toEqual(['yellow'])
})

test('without a baseline a relative limit is never hit, and absolute ones are', () => {
  const fall = target(
    { zone: 'red', side: 'low', relativeTo: 'baseline' },
    { detailQuantity: { ...percent(-5), comparator: '<=' } },
  )
  expect(hits([fall, below('red', 88)], 60)).toEqual(['red'])
  expect(hits([fall], 60)).toEqual([])
})

test('a target without the extension is an aim, not a limit', () => {
  expect(toLimit({ measure: loinc('59408-5'), detailQuantity: percent(95) }, 'patient')).toEqual([])
})

test('own limits replace the defaults of their zone and side alone, also the relative ones, under any code of the measure', () => {
  const defaults = [
    below('red', 88),
    target({ zone: 'red', side: 'low', relativeTo: 'baseline' }, { detailQuantity: percent(-5) }),
    below('yellow', 92),
    target({ zone: 'red', side: 'high' }, { detailQuantity: percent(101) }),
  ].flatMap((one) => toLimit(one, 'plan'))
  const own = toLimit(below('red', 85, ['2708-6']), 'patient')
  const all = withPrecedence(own, defaults)
  expect(all.map(({ zone, side, value, source }) => [zone, side, value, source])).toEqual([
    ['red', 'low', 85, 'patient'],
    ['yellow', 'low', 92, 'plan'],
    ['red', 'high', 101, 'plan'],
  ])
  expect(assess(observation(84, '59408-5'), all).limits.find(({ hit }) => hit)?.source).toBe('patient')
})

test.each([
  ['active', true],
  ['accepted', true],
  ['on-hold', true],
  ['proposed', false],
  ['cancelled', false],
  ['entered-in-error', false],
] as const)('the limits of a Goal that is %s count: %s', (lifecycleStatus, counts) => {
  const subject = { reference: 'Patient/1' }
  const goal: Goal = {
    resourceType: 'Goal',
    id: 'g',
    lifecycleStatus,
    description: { text: '' },
    subject,
    target: [below('red', 85)],
  }
  const carePlan: CarePlan = {
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    subject,
    goal: [{ reference: 'Goal/g' }],
  }
  expect(limitsOfCarePlan(carePlan, [goal])).toHaveLength(counts ? 1 : 0)
  expect(limitsOfCarePlan({ ...carePlan, goal: [{ reference: '#g' }], contained: [goal] }, [])).toHaveLength(
    counts ? 1 : 0,
  )
  expect(limitsOfCarePlan({ ...carePlan, goal: [] }, [goal])).toEqual([])
})

test.each([
  [{ value: 0.84, unit: '1' }, 'målt i «1», grensen er i «%»'],
  [{ value: 84 }, 'målt i «ingen enhet», grensen er i «%»'],
  [{ unit: '%' }, 'målingen har ingen verdi'],
])('what cannot be held against the limits says why: %j', (valueQuantity, problem) => {
  const limits = toLimit(below('red', 88), 'plan')
  expect(assess({ ...observation(0), valueQuantity }, limits).problem?.nb).toContain(problem)
})

test('a measure that nobody has set limits for is a problem, not green', () => {
  expect(assess(observation(50, '8867-4'), toLimit(below('red', 88), 'plan')).problem).toBeDefined()
})

test('a component is held against the limits of its own code', () => {
  const limits = toLimit(below('red', 90, ['8480-6']), 'plan')
  const panel: Observation = {
    resourceType: 'Observation',
    status: 'final',
    code: loinc('85354-9'),
    component: [
      { code: loinc('8480-6'), valueQuantity: percent(85) },
      { code: loinc('8462-4'), valueQuantity: percent(50) },
    ],
  }
  expect(assess(panel, limits).limits).toMatchObject([{ observed: 85, hit: true }])
})

test('a worse value is never in a milder zone', () => {
  const value = fc.integer({ min: 500, max: 1000 }).map((tenths) => tenths / 10)
  fc.assert(
    fc.property(value, value, value, value, (one, other, red, more) => {
      const targets = [below('red', red), below('yellow', red + more / 100)]
      const severity = (measured: number) => hits(targets, measured).length
      const [low, high] = [Math.min(one, other), Math.max(one, other)]
      expect(severity(low)).toBeGreaterThanOrEqual(severity(high))
    }),
  )
})
