import type { DataRequirement } from '@medplum/fhirtypes'
import fc from 'fast-check'
import type { Resource } from '../fhir/resource.ts'
import { matches, milliseconds, reachesBackTo, select } from './data-requirement.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const HOUR = 3_600_000
const ago = (hours: number) => new Date(NOW.getTime() - hours * HOUR).toISOString()
const spo2 = (rest: object = {}): Resource => ({
  resourceType: 'Observation',
  id: 'o',
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  effectiveDateTime: ago(1),
  ...rest,
})
const wanted = (rest: Partial<DataRequirement> = {}): DataRequirement => ({ type: 'Observation', ...rest })
const byCode = (system: string | undefined, code: string) => ({
  codeFilter: [{ path: 'code', code: [{ system, code }] }],
})
const within = (value: number, code: string) => ({
  dateFilter: [{ path: 'effective', valueDuration: { value, code } }],
})

test.each([
  ['the type', spo2(), wanted(), true],
  ['another type', spo2({ resourceType: 'Condition' }), wanted(), false],
  ['the code', spo2(), wanted(byCode('http://loinc.org', '59408-5')), true],
  ['a code of another system', spo2(), wanted(byCode('http://x', '59408-5')), false],
  ['a code of any system', spo2(), wanted(byCode(undefined, '59408-5')), true],
  [
    'a canonical',
    spo2({ questionnaire: 'http://q|1' }),
    wanted({ codeFilter: [{ path: 'questionnaire', code: [{ code: 'http://q|1' }] }] }),
    true,
  ],
  [
    'a status',
    spo2({ status: 'final' }),
    wanted({ codeFilter: [{ path: 'status', code: [{ code: 'final' }] }] }),
    true,
  ],
  ['within the window', spo2(), wanted(within(1, 'd')), true],
  ['exactly so long ago', spo2({ effectiveDateTime: ago(24) }), wanted(within(1, 'd')), false],
  ['just inside', spo2({ effectiveDateTime: ago(23.99) }), wanted(within(1, 'd')), true],
  [
    'a period that began outside',
    spo2({ effectiveDateTime: undefined, effectivePeriod: { start: ago(30) } }),
    wanted(within(1, 'd')),
    false,
  ],
  ['an instant', spo2({ effectiveDateTime: undefined, effectiveInstant: ago(1) }), wanted(within(1, 'd')), true],
  ['no time at all: it came now', spo2({ effectiveDateTime: undefined }), wanted(within(1, 'd')), true],
  ['no time, but issued', spo2({ effectiveDateTime: undefined, issued: ago(48) }), wanted(within(1, 'd')), false],
  [
    'no time, but stored',
    spo2({ effectiveDateTime: undefined, meta: { lastUpdated: ago(48) } }),
    wanted(within(1, 'd')),
    false,
  ],
  ['a clock that runs ahead', spo2({ effectiveDateTime: ago(-5) }), wanted(within(1, 'd')), true],
] as const)('%s', (_name, resource, requirement, expected) => {
  expect(matches(resource, requirement, NOW)).toBe(expected)
})

test('sort and limit give the newest few', () => {
  const history = [3, 1, 2].map((hours) => spo2({ id: String(hours), effectiveDateTime: ago(hours) }))
  const newest = wanted({ sort: [{ path: 'effective', direction: 'descending' }], limit: 2 })
  expect(select(history, newest, NOW).map(({ id }) => id)).toEqual(['1', '2'])
})

test('what cannot be held against anything throws, so that it is told', () => {
  expect(() => matches(spo2(), wanted({ codeFilter: [{ path: 'code', valueSet: 'http://v' }] }), NOW)).toThrow(
    'http://v',
  )
  expect(() => milliseconds({ value: 2, code: 'fortnight' })).toThrow('fortnight')
})

test('everything that matches lies after the instant that it can reach back to', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom('h', 'd', 'wk'),
      (hours, value, unit) => {
        const requirement = wanted(within(value, unit))
        const isInside = ago(hours) > (reachesBackTo(requirement, NOW)?.toISOString() ?? '')
        expect(matches(spo2({ effectiveDateTime: ago(hours) }), requirement, NOW)).toBe(isInside)
      },
    ),
  )
})
