import type { DataRequirement } from '@medplum/fhirtypes'
import fc from 'fast-check'
import type { Resource } from '../../fhir/resource.ts'
import { milliseconds } from '../time/duration.ts'
import { matches, reachesBackTo, select } from './data-requirement.ts'

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

const byParameter = (searchParam: string, code: string) => ({ codeFilter: [{ searchParam, code: [{ code }] }] })
const withinBy = (searchParam: string) => ({ dateFilter: [{ searchParam, valueDuration: { value: 2, code: 'd' } }] })
const asked = (type: DataRequirement['type'], rest: Partial<DataRequirement>): DataRequirement => ({ type, ...rest })
const concept = (code: string) => ({ coding: [{ code }] })

test.each<[string, Resource, DataRequirement, boolean]>([
  ['an old value, by date', spo2({ effectiveDateTime: ago(240) }), asked('Observation', withinBy('date')), false],
  ['a new value, by date', spo2({ effectiveDateTime: ago(24) }), asked('Observation', withinBy('date')), true],
  [
    'an old period',
    spo2({ effectiveDateTime: undefined, effectivePeriod: { start: ago(240) } }),
    asked('Observation', withinBy('date')),
    false,
  ],
  [
    'an element of another name',
    { resourceType: 'Condition', clinicalStatus: concept('active') },
    asked('Condition', byParameter('clinical-status', 'active')),
    true,
  ],
  [
    'another value there',
    { resourceType: 'Condition', clinicalStatus: concept('resolved') },
    asked('Condition', byParameter('clinical-status', 'active')),
    false,
  ],
  [
    'a choice of types',
    { resourceType: 'MedicationRequest', medicationCodeableConcept: concept('R03') },
    asked('MedicationRequest', byParameter('code', 'R03')),
    true,
  ],
  [
    'the second of two paths',
    spo2({ component: [{ code: concept('x') }] }),
    asked('Observation', byParameter('combo-code', 'x')),
    true,
  ],
  [
    'the beginning of an Encounter',
    { resourceType: 'Encounter', period: { start: ago(240) } },
    asked('Encounter', withinBy('date')),
    false,
  ],
  [
    'some of several dates',
    { resourceType: 'Immunization', reaction: [{ date: ago(240) }, { date: ago(2) }] },
    asked('Immunization', withinBy('reaction-date')),
    true,
  ],
  [
    'when it was stored',
    { resourceType: 'Basic', meta: { lastUpdated: ago(240) } },
    asked('Basic', withinBy('_lastUpdated')),
    false,
  ],
  ['a label', spo2({ meta: { tag: [{ code: 'demo' }] } }), asked('Observation', byParameter('_tag', 'demo')), true],
])('a searchParam is where R4 says that it looks: %s', (_name, resource, requirement, expected) => {
  expect(matches(resource, requirement, NOW)).toBe(expected)
})

test.each([
  ['Condition', byParameter('clinicalStatus', 'active'), 'clinicalStatus for koder'],
  ['Condition', byParameter('identifier', 'x'), 'identifier for koder'],
  ['Condition', byParameter('onset-date', 'x'), 'onset-date for koder'],
  ['Observation', withinBy('effective'), 'effective for tider'],
  ['Observation', withinBy('constructor'), 'constructor for tider'],
] as const)('a searchParam of %s that cannot be looked for throws, so that it is told: %j', (type, filter, said) => {
  expect(() => matches({ resourceType: type }, asked(type, filter), NOW)).toThrow(said)
})

const on = (valueDateTime: string) => ({ dateFilter: [{ path: 'effective', valueDateTime }] })
const during = (start?: string, end?: string) => ({
  dateFilter: [{ path: 'effective', valuePeriod: { ...(start ? { start } : {}), ...(end ? { end } : {}) } }],
})

test.each([
  // measured                  held against                                    within
  ['2026-11-25T09:30:00+01:00', on('2026-11-25'), true],
  ['2026-11-25', on('2026-11-25'), true],
  ['2026-11-24T23:30:00Z', on('2026-11-25'), true], // half past midnight in Norway
  ['2026-11-25T23:30:00Z', on('2026-11-25'), false],
  ['2026-11-25T09:30:00+01:00', on('2026-11'), true],
  ['2026-12-01T00:00:00+01:00', on('2026-11'), false],
  ['2026-12-31T23:30:00Z', on('2026'), false],
  ['2026-11-25T08:30:00.400Z', on('2026-11-25T09:30:00+01:00'), true],
  ['2026-11-25T08:30:01Z', on('2026-11-25T09:30:00+01:00'), false],
  ['2026-11-25T23:30:00+01:00', during('2026-11-24', '2026-11-25'), true],
  ['2026-11-26T00:30:00+01:00', during('2026-11-24', '2026-11-25'), false], // the 25th still in UTC
  ['2026-11-24T00:30:00+01:00', during('2026-11-24'), true], // the 23rd still in UTC
  ['2026-11-23T23:59:59+01:00', during('2026-11-24'), false],
  ['2026-03-29T21:59:59Z', during(undefined, '2026-03-29'), true], // a day of 23 hours
  ['2026-03-29T22:00:00Z', during(undefined, '2026-03-29'), false],
] as const)('a date is the whole of it, in Norway: %s, %j: %s', (effectiveDateTime, filter, expected) => {
  expect(matches(spo2({ effectiveDateTime }), wanted(filter as Partial<DataRequirement>), NOW)).toBe(expected)
})

test('a period that begins on a day reaches back to midnight in Norway', () => {
  const reached = reachesBackTo(wanted(during('2026-11-24') as Partial<DataRequirement>), NOW)
  expect(reached).toEqual(new Date('2026-11-23T23:00:00Z'))
})

test('sort and limit give the newest few', () => {
  const history = [3, 1, 2].map((hours) => spo2({ id: String(hours), effectiveDateTime: ago(hours) }))
  const newest = wanted({ sort: [{ path: 'effective', direction: 'descending' }], limit: 2 })
  expect(select(history, newest, NOW).map(({ id }) => id)).toEqual(['1', '2'])
})

test('a second order decides where the first is the same, of whatever kind; what does not say it stands last', () => {
  const measured = (id: string, hours: number, value?: number) => {
    const valueQuantity = value === undefined ? undefined : { value, unit: '%' }
    return spo2({ id, effectiveDateTime: ago(hours), ...(valueQuantity ? { valueQuantity } : { valueQuantity: {} }) })
  }
  const history = [measured('a', 1, 90), measured('b', 1), measured('c', 2, 80), measured('d', 1, 100)]
  const ordered = (direction: 'ascending' | 'descending') =>
    wanted({
      sort: [
        { path: 'effective', direction: 'ascending' },
        { path: 'value', direction },
      ],
    })
  expect(select(history, ordered('ascending'), NOW).map(({ id }) => id)).toEqual(['c', 'a', 'd', 'b'])
  expect(select(history, ordered('descending'), NOW).map(({ id }) => id)).toEqual(['c', 'd', 'a', 'b'])
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
