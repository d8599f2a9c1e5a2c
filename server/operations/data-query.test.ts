import type { DataRequirement } from '@medplum/fhirtypes'
import { dataQueries, limitOf } from './data-query.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const WEIGHT = { system: 'http://loinc.org', code: '29463-7' }
const WEEK = { value: 7, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' }

test.each<[string, DataRequirement, Record<string, string>]>([
  ['its type alone', { type: 'Observation' }, { _sort: '-date' }],
  [
    'its codes and how far back',
    {
      type: 'Observation',
      codeFilter: [{ path: 'code', code: [WEIGHT, { code: 'a,b' }] }],
      dateFilter: [{ path: 'effective', valueDuration: WEEK }],
    },
    { code: 'http://loinc.org|29463-7,a\\,b', date: 'ge2026-11-15T12:00:00.000Z', _sort: '-date' },
  ],
  [
    'the same by search parameters',
    {
      type: 'Observation',
      codeFilter: [{ searchParam: 'code', code: [WEIGHT] }],
      dateFilter: [{ searchParam: 'date', valuePeriod: { start: '2026-11-01T00:00:00Z', end: '2026-11-02' } }],
    },
    { code: 'http://loinc.org|29463-7', date: 'ge2026-11-01T00:00:00.000Z', _sort: '-date' },
  ],
  [
    'not what is left to be picked: a value set, another element, many codes',
    {
      type: 'Observation',
      codeFilter: [
        { path: 'code', valueSet: 'http://example.org/set', code: [WEIGHT] },
        { path: 'status', code: [{ code: 'final' }] },
        { path: 'code', code: Array.from({ length: 51 }, (_, i) => ({ code: String(i) })) },
      ],
    },
    { _sort: '-date' },
  ],
  [
    'not codes that name none',
    { type: 'Observation', codeFilter: [{ path: 'code', code: [WEIGHT, { display: 'Vekt' }] }] },
    { _sort: '-date' },
  ],
  ['answers by when they were given', { type: 'QuestionnaireResponse' }, { _sort: '-authored' }],
  ['what has no date of its own by when it was stored', { type: 'Device' }, { _sort: '-_lastUpdated' }],
] as [string, DataRequirement, Record<string, string>][])('a search has %s', (_what, requirement, query) => {
  expect(dataQueries(requirement, 'Patient/p', NOW)[0]).toEqual({ patient: 'Patient/p', ...query })
})

test('what does not say when it was is searched for by when it came; without a date filter it is found anyway', () => {
  const requirement: DataRequirement = {
    ...{ type: 'Observation', codeFilter: [{ path: 'code', code: [WEIGHT] }] },
    dateFilter: [{ path: 'effective', valueDuration: WEEK }],
  }
  const code = 'http://loinc.org|29463-7'
  const undated = { 'date:missing': 'true', _lastUpdated: 'ge2026-11-15T12:00:00.000Z' }
  expect(dataQueries(requirement, 'Patient/p', NOW).slice(1)).toEqual([{ patient: 'Patient/p', code, ...undated }])
  expect(dataQueries({ type: 'Observation' }, 'Patient/p', NOW)).toHaveLength(1)
})

test('a limit counts what is found only where nothing is left to be picked', () => {
  expect(limitOf({ type: 'Observation', limit: 3 })).toBe(3)
  expect(limitOf({ type: 'Observation', limit: 3, sort: [{ path: 'value', direction: 'descending' }] })).toBeUndefined()
  expect(limitOf({ type: 'Observation', limit: 3, codeFilter: [{ path: 'code', code: [WEIGHT] }] })).toBeUndefined()
})
