import type { Observation } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { TRIAGE_COLOUR } from '../plan/vocabulary.ts'
import type { Limit } from './limits.ts'
import { withRanges } from './ranges.ts'

const NOW = new Date('2026-11-10T08:00:00Z')
const CODE = 'http://loinc.org|59408-5'
const limit = (zone: Limit['zone'], side: Limit['side'], value: number, more: Partial<Limit> = {}): Limit => ({
  ...{ codes: [CODE], measure: 'SpO2', zone, side, value, unit: '%', relative: false, source: 'patient' },
  comparator: side === 'low' ? '<' : '>',
  ...more,
})
const LIMITS = [limit('yellow', 'low', 90), limit('red', 'low', 88)]

const observation = (value: number, change: Partial<Observation> = {}): Resource =>
  ({
    ...{ resourceType: 'Observation', status: 'final', effectiveDateTime: NOW.toISOString() },
    code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
    valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    ...change,
  }) as unknown as Resource

const ranged = (resource: Resource, own = LIMITS) =>
  withRanges(resource, [{ own, defaults: [] }], NOW) as unknown as Observation
const codeOf = ({ interpretation }: Pick<Observation, 'interpretation'>) => interpretation?.[0]?.coding?.[0]?.code

test.each([
  [84, 'LL'],
  [88, 'L'],
  [89.9, 'L'],
  [90, 'N'],
])('%d %% by yellow 90 and red 88 is %s', (value, code) => expect(codeOf(ranged(observation(value)))).toBe(code))

test('a range for each colour says outside of what it is that colour', () => {
  expect(ranged(observation(84)).referenceRange).toEqual([
    {
      low: { value: 90, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
      type: { coding: [{ system: TRIAGE_COLOUR, code: 'yellow', display: 'Gul' }] },
      text: 'Gul under 90 %',
    },
    {
      low: { value: 88, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
      type: { coding: [{ system: TRIAGE_COLOUR, code: 'red', display: 'Rød' }] },
      text: 'Rød under 88 %',
    },
  ])
})

test('both sides stand in one range, and a limit from the usual value as what it comes to', () => {
  const own = [
    limit('red', 'low', -5, { relative: true }),
    limit('baseline', undefined, 94, { comparator: undefined }),
    limit('red', 'high', 99, { comparator: '>=' }),
  ]
  const { referenceRange, interpretation } = ranged(observation(99), own)
  expect(referenceRange).toMatchObject([
    { low: { value: 89 }, high: { value: 99 }, text: 'Rød under 89 % og på eller over 99 %' },
  ])
  expect(codeOf({ interpretation })).toBe('HH')
})

test('what the sender says stays: their range first, their interpretation untouched', () => {
  const theirs = { low: { value: 95, unit: '%' }, text: 'lab' }
  const abnormal = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'A' }],
  }
  const { referenceRange, interpretation } = ranged(
    observation(84, { referenceRange: [theirs], interpretation: [abnormal] }),
  )
  expect(referenceRange?.map(({ text }) => text)).toEqual(['lab', 'Gul under 90 %', 'Rød under 88 %'])
  expect(interpretation).toEqual([abnormal])
})

test('what we wrote is written anew when the value is corrected, once', () => {
  const first = ranged(observation(84))
  const corrected = { ...first, valueQuantity: { ...first.valueQuantity, value: 96 } } as unknown as Resource
  const again = ranged(corrected)
  expect([again.referenceRange?.length, codeOf(again)]).toEqual([2, 'N'])
  expect(ranged(again as unknown as Resource)).toEqual(again)
})

test('components have theirs; another unit, a limit on the trend, and no value have none', () => {
  const part = {
    code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
    valueQuantity: { value: 84, unit: '%', code: '%' },
  }
  const panel = ranged(observation(0, { code: { text: 'panel' }, valueQuantity: undefined, component: [part] }))
  expect([panel.referenceRange, codeOf(panel.component?.[0] ?? {})]).toEqual([undefined, 'LL'])
  const trend = { method: 'change', windowMilliseconds: 1, countMin: 2 } as const
  for (const [given, own] of [
    [observation(84, { valueQuantity: { value: 84, unit: 'kPa', code: 'kPa' } }), LIMITS],
    [observation(84), [limit('red', 'low', -2, { trend })]],
    [observation(84, { valueQuantity: undefined }), LIMITS],
    [observation(84), []],
  ] as const) {
    expect(ranged(given, [...own])).toBe(given)
  }
})
