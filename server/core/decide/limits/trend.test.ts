import type { Extension, GoalTarget, Observation } from '@medplum/fhirtypes'
import fc from 'fast-check'
import type { Resource } from '../../fhir/resource.ts'
import { LIMIT } from '../plan/vocabulary.ts'
import { reasonOf } from '../words/words.ts'
import { assess, limitsAt, toLimit } from './limits.ts'

const NOW = new Date('2026-11-10T08:00:00Z')
const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' }
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000).toISOString()

let count = 0
const weight = (value: number, days: number, change: Partial<Observation> = {}): Resource =>
  ({
    ...{ resourceType: 'Observation', id: `w${count++}`, status: 'final', code: WEIGHT },
    effectiveDateTime: daysAgo(days),
    valueQuantity: { value, unit: 'kg', code: 'kg' },
    ...change,
  }) as unknown as Resource

function limitOf(value: number, unit: string, parts: Extension[], side = 'high'): GoalTarget {
  const named = [
    { url: 'zone', valueCode: 'red' },
    { url: 'side', valueCode: side },
  ]
  return {
    extension: [{ url: LIMIT, extension: [...named, ...parts] }],
    measure: WEIGHT,
    detailQuantity: { value, unit, code: unit },
  }
}
const trend = (method: string, value: number, code: string, more: Extension[] = []): Extension[] => [
  { url: 'trend', valueCode: method },
  { url: 'window', valueDuration: { value, code } },
  ...more,
]

function judge(target: GoalTarget, current: Resource, history: Resource[]) {
  const limits = limitsAt(toLimit(target, 'patient'), [], NOW)
  const {
    limits: [only],
    problem,
  } = assess(current as unknown as Observation, limits, { history, now: NOW })
  return { hit: only?.hit, course: only?.course, problem, reason: only && reasonOf(only) }
}

const twoKilos = limitOf(2, 'kg', trend('change', 3, 'd'))

test.each<[string, Resource[], boolean, number | undefined]>([
  ['two kilos and a half in three days', [weight(80, 2.9), weight(81, 1)], true, 2.5],
  ['exactly two kilos is not more than two', [weight(80.5, 2)], false, 2],
  ['what is older than the window does not count', [weight(75, 3.1), weight(82, 1)], false, 0.5],
  ['one that was withdrawn does not count', [weight(70, 2, { status: 'entered-in-error' }), weight(82, 1)], false, 0.5],
  [
    'another unit does not count',
    [weight(70, 2, { valueQuantity: { value: 70, unit: 'g', code: 'g' } })],
    false,
    undefined,
  ],
  ['a first measurement has no trend, and is not hit', [], false, undefined],
])('change: %s', (_name, history, hit, course) => {
  expect(judge(twoKilos, weight(82.5, 0), history)).toMatchObject({ hit, course, problem: undefined })
})

test('the reason says the course in words', () => {
  expect(judge(twoKilos, weight(82.5, 0), [weight(80, 2)]).reason).toEqual({
    nb: 'Vekt 82,5 kg, opp 2,5 kg siste 3 dager, rød grense 2',
    nn: 'Vekt 82,5 kg, opp 2,5 kg siste 3 dagar, raud grense 2',
    en: 'Vekt 82.5 kg, up 2.5 kg in the last 3 days, red limit 2',
  })
  const slope = limitOf(0.5, 'kg/d', trend('slope', 7, 'd'))
  const rising = [weight(78, 4), weight(80, 2)]
  expect(judge(slope, weight(82, 0), rising)).toMatchObject({
    hit: true,
    course: 1,
    reason: {
      nb: 'Vekt 82 kg, opp 1 kg per dag siste 7 dager, rød grense 0,5',
      nn: 'Vekt 82 kg, opp 1 kg per dag siste 7 dagar, raud grense 0,5',
      en: 'Vekt 82 kg, up 1 kg a day in the last 7 days, red limit 0.5',
    },
  })
})

test('slope: one odd value bends it less than it would bend first-to-last', () => {
  const odd = [weight(80, 6), weight(80, 5), weight(80, 4), weight(80, 3), weight(80, 2), weight(80, 1)]
  const slope = judge(limitOf(0.5, 'kg/d', trend('slope', 7, 'd')), weight(84, 0), odd)
  expect(slope).toMatchObject({ hit: false, course: 0.428571 })
  expect(judge(limitOf(3.5, 'kg', trend('change', 7, 'd')), weight(84, 0), odd)).toMatchObject({ hit: true, course: 4 })
})

test('slope needs three measurements, or as many as countMin says', () => {
  const two = [weight(80, 1)]
  expect(judge(limitOf(0.5, 'kg/d', trend('slope', 7, 'd')), weight(84, 0), two).hit).toBe(false)
  const enough = trend('slope', 7, 'd', [{ url: 'countMin', valueInteger: 2 }])
  expect(judge(limitOf(0.5, 'kg/d', enough), weight(84, 0), two)).toMatchObject({ hit: true, course: 4 })
})

test('a fall is below a limit below nothing; a slope in another unit than a day’s is a problem', () => {
  const fall = limitOf(-0.3, 'kg/d', trend('slope', 7, 'd'), 'low')
  expect(judge(fall, weight(78, 0), [weight(80, 4), weight(79, 2)])).toMatchObject({ hit: true, course: -0.5 })
  expect(judge(limitOf(2, 'g', trend('change', 3, 'd')), weight(82, 0), []).problem?.nb).toContain('Vekt')
})

test('whatever is measured on one straight line has that slope, in whichever order it came', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -20, max: 20 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 160 }), { minLength: 2, maxLength: 12 }),
      (tenths, hours) => {
        const slope = tenths / 10
        const history = hours.map((hour) => weight(80 - (slope * hour) / 24, hour / 24))
        const { course } = judge(limitOf(0.1, 'kg/d', trend('slope', 7, 'd')), weight(80, 0), history)
        expect(course).toBeCloseTo(slope, 4)
      },
    ),
  )
})
